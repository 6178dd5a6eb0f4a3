//! Run directories and the HTML report: the only floor that knows how results are written and drawn.
