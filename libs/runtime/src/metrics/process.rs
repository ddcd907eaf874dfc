//! How much memory this process holds. Read when somebody asks, never between.

use prometheus::{Gauge, Registry, core::Collector, core::Desc, proto::MetricFamily};

pub(super) fn register(registry: &Registry) {
    let resident = Gauge::new("process_resident_memory_bytes", "Resident memory of the process.")
        .expect("the name is a constant that is valid");
    registry.register(Box::new(Resident(resident))).expect("the registry is new");
}

struct Resident(Gauge);

impl Collector for Resident {
    fn desc(&self) -> Vec<&Desc> {
        self.0.desc()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        // Elsewhere than on Linux there is no such file, and the gauge stays 0.
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        self.0.set(resident_bytes(&status).unwrap_or_default());
        self.0.collect()
    }
}

fn resident_bytes(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_kernel_writes() {
        let status = "Name:\tx\nVmHWM:\t   9000 kB\nVmRSS:\t    5120 kB\nThreads:\t1\n";
        assert_eq!(resident_bytes(status), Some(5.0 * 1024.0 * 1024.0));
        assert_eq!(resident_bytes("Name:\tx\n"), None);
    }
}
