// When a location closes, as moments: its hours, read off its own clock.
//
//   // Marked ready on Monday: kept until it closes on Thursday.
//   ClosingTimes(location, now, 3).back();
#ifndef QUARTERMASTER_SERVICES_CATALOG_APP_CLOSING_TIMES_H_
#define QUARTERMASTER_SERVICES_CATALOG_APP_CLOSING_TIMES_H_

#include <vector>

#include "services/base/time.h"
#include "services/catalog/domain/state.h"

namespace quartermaster::catalog {

// The ends of the next `days` days, 0 or more, on which the location is open, ascending; the day on
// which `after` lies is not one of them. A day lasts until it closes: at 1:00 it is still yesterday
// where yesterday closes at 2:00.
//
// A closing time that the clock jumps over (2:30 as summer time begins) is the moment of the jump;
// of one that comes twice, the later counts. A time zone that this machine does not have is read as
// UTC. Thread-safe; the first call for a zone reads a file.
std::vector<Instant> ClosingTimes(const Location& location, Instant after, int days);

}  // namespace quartermaster::catalog

#endif  // QUARTERMASTER_SERVICES_CATALOG_APP_CLOSING_TIMES_H_
