//! One registry per service, and the names that dashboards depend on, in [`names`].
//!
//! The number of labels is part of a metric's type, so a forgotten label does not compile.

pub mod names;

mod process;
mod tenants;

use prometheus::{
    GaugeVec, HistogramOpts, HistogramVec, IntCounterVec, Opts, Registry, TextEncoder, core,
};

pub use tenants::Tenants;

/// A metric before it is registered: its name, its labels, what it counts.
#[derive(Debug)]
pub struct Metric<const N: usize> {
    pub name: &'static str,
    pub labels: [&'static str; N],
    pub help: &'static str,
}

/// All metrics of one service. Cheap to clone; clones are the same registry.
#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Registry,
    tenants: Tenants,
}

#[derive(Debug, Clone)]
pub struct Counter<const N: usize>(IntCounterVec);

#[derive(Debug, Clone)]
pub struct Gauge<const N: usize>(GaugeVec);

#[derive(Debug, Clone)]
pub struct Histogram<const N: usize>(HistogramVec);

impl Metrics {
    /// `tenants_max` is how many tenants are told apart in labels.
    pub fn new(tenants_max: usize) -> Metrics {
        let registry = Registry::new();
        process::register(&registry);
        Metrics { registry, tenants: Tenants::new(tenants_max) }
    }

    /// The label values of tenants: the first ones by id, the rest `other`.
    pub fn tenants(&self) -> &Tenants {
        &self.tenants
    }

    pub fn counter<const N: usize>(&self, metric: &Metric<N>) -> Counter<N> {
        let vec = IntCounterVec::new(Opts::new(metric.name, metric.help), &metric.labels)
            .expect("names of metrics are constants that are valid");
        self.register(&vec);
        Counter(vec)
    }

    pub fn gauge<const N: usize>(&self, metric: &Metric<N>) -> Gauge<N> {
        let vec = GaugeVec::new(Opts::new(metric.name, metric.help), &metric.labels)
            .expect("names of metrics are constants that are valid");
        self.register(&vec);
        Gauge(vec)
    }

    /// `buckets` are upper bounds, rising, in the unit of the metric's name.
    pub fn histogram<const N: usize>(&self, metric: &Metric<N>, buckets: &[f64]) -> Histogram<N> {
        let opts = HistogramOpts::new(metric.name, metric.help).buckets(buckets.to_vec());
        let vec = HistogramVec::new(opts, &metric.labels)
            .expect("names of metrics are constants that are valid");
        self.register(&vec);
        Histogram(vec)
    }

    fn register<C: core::Collector + Clone + 'static>(&self, collector: &C) {
        self.registry
            .register(Box::new(collector.clone()))
            .expect("a metric is registered once per service, where its door is opened");
    }

    /// Everything in the text format of Prometheus.
    pub fn render(&self) -> String {
        TextEncoder::new()
            .encode_to_string(&self.registry.gather())
            .expect("the text format can say every metric")
    }
}

impl<const N: usize> Counter<N> {
    pub fn inc(&self, labels: [&str; N]) {
        self.0.with_label_values(&labels).inc();
    }

    pub fn add(&self, labels: [&str; N], n: u64) {
        self.0.with_label_values(&labels).inc_by(n);
    }

    pub fn get(&self, labels: [&str; N]) -> u64 {
        self.0.with_label_values(&labels).get()
    }
}

impl<const N: usize> Gauge<N> {
    pub fn set(&self, labels: [&str; N], value: f64) {
        self.0.with_label_values(&labels).set(value);
    }

    pub fn add(&self, labels: [&str; N], value: f64) {
        self.0.with_label_values(&labels).add(value);
    }

    pub fn get(&self, labels: [&str; N]) -> f64 {
        self.0.with_label_values(&labels).get()
    }
}

impl<const N: usize> Histogram<N> {
    pub fn observe(&self, labels: [&str; N], value: f64) {
        self.0.with_label_values(&labels).observe(value);
    }
}
