// The machine's own floor under everything durable.
#ifndef QUARTERMASTER_TOOLS_BENCH_SYNC_FLOOR_H_
#define QUARTERMASTER_TOOLS_BENCH_SYNC_FLOOR_H_

#include <string>

namespace quartermaster::bench {

// The median, in microseconds, of an append of 4 KiB to a new file in `directory` and its
// fdatasync. CHECKs that the disk takes them.
double SyncedAppendMicros(const std::string& directory);

}  // namespace quartermaster::bench

#endif  // QUARTERMASTER_TOOLS_BENCH_SYNC_FLOOR_H_
