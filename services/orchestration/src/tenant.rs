//! Tenants and their keys as others see them. Pure.

use time::OffsetDateTime;
use types::TenantId;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    pub id: TenantId,
    pub name: String,
    pub created_at: OffsetDateTime,
}

/// A key without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub id: Uuid,
    pub name: String,
    pub roles: Vec<String>,
    pub created_at: OffsetDateTime,
    /// None while it is valid.
    pub revoked_at: Option<OffsetDateTime>,
}

/// Where a page of keys ends: they are sorted by name, then age, then id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyCursor {
    pub name: String,
    pub created_at: OffsetDateTime,
    pub id: Uuid,
}

/// Whose tenants a caller may look at or manage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// All of them: an operator, or the mesh itself.
    Everyone,
    /// Its own.
    Only(TenantId),
}

impl Reach {
    pub fn admits(self, tenant: TenantId) -> bool {
        match self {
            Reach::Everyone => true,
            Reach::Only(own) => own == tenant,
        }
    }
}
