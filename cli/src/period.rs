//! A span of time as the command line gives it and as the wire takes it.

use ::time::OffsetDateTime;
use proto::common::v1::{Page, Period};

use crate::{
    args::{PageArgs, PeriodArgs},
    time::to_wire,
};

/// The period of the arguments; without any, all of it.
pub(crate) fn of(args: &PeriodArgs) -> Period {
    let now = OffsetDateTime::now_utc();
    Period {
        from: args.from.map(|it| to_wire(it.resolve(now))),
        to: args.to.map(|it| to_wire(it.resolve(now))),
    }
}

pub(crate) fn page(args: &PageArgs) -> Page {
    Page { size: args.limit, cursor: args.cursor.clone() }
}
