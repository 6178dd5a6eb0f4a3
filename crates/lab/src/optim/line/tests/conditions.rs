//! Each search meets the conditions that it promises.

use super::*;
