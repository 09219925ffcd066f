// How soon, and how much of, a processor a thread gets where others are busy.
#ifndef QUARTERMASTER_SERVICES_BASE_TIME_SLICE_H_
#define QUARTERMASTER_SERVICES_BASE_TIME_SLICE_H_

namespace quartermaster {

// Asks for the calling thread to be given the processor as soon as it wakes up, in short slices,
// where others are busy: for a thread that everybody waits for and that waits for the disk itself.
// Its share of the processors stays what it was, so that it needs no privilege. Without it, the
// one who has the processor keeps it until its slice ends, some 4 ms later, after a sync of 0.2 ms.
//
// A wish (Linux 6.12 and later; sched_setattr(2), the fair class): false where it is not heard.
bool AskForShortSlices();

// Asks for the calling thread to be given a small share of the processors where others are busy,
// for work that nobody waits for. For good: it may not be taken back. False where it is not
// granted.
bool AskForSmallShare();

}  // namespace quartermaster

#endif  // QUARTERMASTER_SERVICES_BASE_TIME_SLICE_H_
