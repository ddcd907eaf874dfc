//! Roles and what they permit: the one table.

use std::{fmt, str::FromStr};

/// What a credential was issued for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Another service of the mesh.
    Service,
    /// Runs the installation: tenants and keys of all tenants, but nobody's data.
    Operator,
    /// Everything inside its own tenant.
    Admin,
    /// Reads everything inside its own tenant and writes reports.
    Analyst,
    /// Pushes findings into its own tenant.
    Detector,
    /// Has content looked at, and asks what came of it. For the program that a guardrail protects.
    Application,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a role: one of service, operator, admin, analyst, detector, application")]
pub struct UnknownRole;

use Role::{Admin, Analyst, Application, Detector, Operator, Service};

/// Every permission there is, and who holds it. Most are what an RPC asks for; `events:feed` widens `events:read`
/// to the events of all tenants, for callers without one.
const HOLDERS: &[(&str, &[Role])] = &[
    ("findings:ingest", &[Admin, Detector]),
    ("content:detect", &[Admin, Application]),
    ("runs:read", &[Admin, Analyst, Application]),
    ("runs:feed", &[Service]),
    ("tenants:write", &[Operator]),
    ("tenants:read", &[Service, Operator, Admin, Analyst]),
    ("keys:write", &[Operator, Admin]),
    ("keys:read", &[Operator, Admin, Analyst]),
    ("policies:write", &[Admin]),
    ("policies:read", &[Service, Admin, Analyst]),
    ("detectors:write", &[Operator, Admin]),
    ("detectors:read", &[Service, Operator, Admin, Analyst, Application]),
    ("identity:authenticate", &[Service]),
    ("mappings:read", &[Service, Admin, Analyst]),
    ("events:write", &[Service]),
    ("events:read", &[Service, Admin, Analyst]),
    ("events:feed", &[Service]),
    ("taxonomy:read", &[Service, Operator, Admin, Analyst]),
    ("frameworks:read", &[Service, Operator, Admin, Analyst]),
    ("proposals:read", &[Admin, Analyst]),
    ("insights:read", &[Admin, Analyst]),
    ("reports:write", &[Admin, Analyst]),
    ("reports:read", &[Admin, Analyst]),
];

/// Says whether `role` holds `permission`; nobody holds an unknown one.
pub fn grants(role: Role, permission: &str) -> bool {
    HOLDERS.iter().any(|(name, roles)| *name == permission && roles.contains(&role))
}

/// Every permission that exists.
pub fn permissions() -> impl Iterator<Item = &'static str> {
    HOLDERS.iter().map(|(name, _)| *name)
}

impl Role {
    pub const ALL: [Role; 6] = [Service, Operator, Admin, Analyst, Detector, Application];

    pub fn as_str(self) -> &'static str {
        match self {
            Service => "service",
            Operator => "operator",
            Admin => "admin",
            Analyst => "analyst",
            Detector => "detector",
            Application => "application",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Role, UnknownRole> {
        Role::ALL.into_iter().find(|role| role.as_str() == text).ok_or(UnknownRole)
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    #[test]
    fn a_role_is_what_it_prints() {
        for role in Role::ALL {
            assert_eq!(role.to_string().parse(), Ok(role));
        }
        assert_eq!("root".parse::<Role>(), Err(UnknownRole));
    }

    #[test]
    fn nobody_holds_a_permission_that_does_not_exist() {
        for role in Role::ALL {
            assert!(!grants(role, "everything:write"), "{role}");
        }
    }

    #[test]
    fn a_detector_only_pushes() {
        check(Detector, expect!["findings:ingest"]);
    }

    #[test]
    fn an_application_asks_about_content_and_nothing_else() {
        check(Application, expect!["content:detect runs:read detectors:read"]);
    }

    #[test]
    fn an_operator_sees_no_data_of_a_tenant() {
        check(
            Operator,
            expect![
                "tenants:write tenants:read keys:write keys:read detectors:write detectors:read taxonomy:read frameworks:read"
            ],
        );
    }

    #[test]
    fn a_service_does_what_the_mesh_needs() {
        check(
            Service,
            expect![
                "runs:feed tenants:read policies:read detectors:read identity:authenticate mappings:read events:write events:read events:feed taxonomy:read frameworks:read"
            ],
        );
    }

    #[test]
    fn an_analyst_writes_nothing_but_reports() {
        let writes: Vec<_> =
            permissions().filter(|it| it.ends_with(":write") && grants(Analyst, it)).collect();
        assert_eq!(writes, ["reports:write"]);
    }

    #[test]
    fn an_admin_does_nothing_mesh_internal() {
        let held: Vec<_> = permissions().filter(|it| !grants(Admin, it)).collect();
        assert_eq!(
            held,
            ["runs:feed", "tenants:write", "identity:authenticate", "events:write", "events:feed"]
        );
    }

    fn check(role: Role, expected: Expect) {
        let held: Vec<_> = permissions().filter(|it| grants(role, it)).collect();
        expected.assert_eq(&held.join(" "));
    }
}
