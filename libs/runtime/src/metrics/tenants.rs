//! Keeps the number of tenants in labels bounded.

use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
};

use types::TenantId;

/// The label of every tenant past the limit.
const OTHER: &str = "other";

/// Which tenants have a label of their own: the first `max` that were seen.
#[derive(Debug, Clone)]
pub struct Tenants {
    max: usize,
    seen: Arc<RwLock<HashMap<TenantId, Arc<str>>>>,
}

impl Tenants {
    pub fn new(max: usize) -> Tenants {
        Tenants { max, seen: Arc::default() }
    }

    /// The label of `tenant`; it never changes while the process lives.
    pub fn label(&self, tenant: TenantId) -> Arc<str> {
        {
            let seen = self.seen.read().expect("no code panics while it holds the lock");
            if let Some(label) = seen.get(&tenant) {
                return label.clone();
            }
            if self.max <= seen.len() {
                return OTHER.into();
            }
        }
        let mut seen = self.seen.write().expect("no code panics while it holds the lock");
        let full = self.max <= seen.len();
        match seen.get(&tenant) {
            Some(label) => label.clone(),
            None if full => OTHER.into(),
            None => seen.entry(tenant).or_insert_with(|| tenant.to_string().into()).clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn past_the_limit_tenants_share_a_label() {
        let tenants = Tenants::new(2);
        let id = |n: u8| format!("00000000-0000-0000-0000-00000000000{n}").parse().unwrap();
        let labels = [1, 2, 3, 1, 4].map(|n| tenants.label(id(n)).to_string());
        let ends = labels.each_ref().map(|label| &label[label.len() - 2..]);
        assert_eq!(ends, ["01", "02", "er", "01", "er"]);
    }
}
