// B6: the core alone, without transport and disk.
#ifndef QUARTERMASTER_TOOLS_BENCH_CORE_BENCH_H_
#define QUARTERMASTER_TOOLS_BENCH_CORE_BENCH_H_

namespace quartermaster::bench {

// Holds per second through decide, apply, idempotency, frame encoding and the read view, on one
// core, over a uniform trace of SKUs.
double RunCore(int skus, int holds);

// The floor to compare it with: one hash-map decrement per operation, on the same trace.
double RunBareMap(int skus, int operations);

}  // namespace quartermaster::bench

#endif  // QUARTERMASTER_TOOLS_BENCH_CORE_BENCH_H_
