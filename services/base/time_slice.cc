#include "services/base/time_slice.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace quartermaster {
namespace {

// The kernel's struct sched_attr, as of its first version, which every later kernel takes; the
// headers of this distribution do not have it.
struct SchedulingAttributes {
  uint32_t size;
  uint32_t policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime_ns;
  uint64_t deadline_ns;
  uint64_t period_ns;
};

// The shortest that the kernel gives.
constexpr uint64_t kSliceNs = 100'000;

bool Read(SchedulingAttributes& attributes) {
  return ::syscall(SYS_sched_getattr, 0, &attributes, sizeof(attributes), 0) == 0;
}

}  // namespace

bool AskForShortSlices() {
  SchedulingAttributes attributes{};
  if (!Read(attributes) || attributes.policy != SCHED_OTHER) return false;
  attributes.runtime_ns = kSliceNs;
  if (::syscall(SYS_sched_setattr, 0, &attributes, 0) != 0) return false;
  // A kernel that knows no slices of a thread's own takes them and forgets them.
  return Read(attributes) && attributes.runtime_ns == kSliceNs;
}

bool AskForSmallShare() {
  // A tenth of another's share. Less, and whoever waits for a lock that it has waits for long.
  // Linux has it for each thread (setpriority(2)), glibc knows no id of the calling one but this.
  constexpr int kNice = 10;
  const auto thread = static_cast<id_t>(::syscall(SYS_gettid));
  return ::setpriority(PRIO_PROCESS, thread, kNice) == 0;
}

}  // namespace quartermaster
