#include "services/base/huge_pages.h"

#include <sys/mman.h>

#include <cstdint>
#include <limits>
#include <new>

#include "services/base/check.h"

namespace quartermaster {
namespace {

size_t WholePages(size_t bytes) {
  if (bytes > std::numeric_limits<size_t>::max() - 2 * kHugePageBytes) throw std::bad_alloc();
  return (bytes + kHugePageBytes - 1) / kHugePageBytes * kHugePageBytes;
}

}  // namespace

void* AllocateHugePages(size_t bytes) {
  const size_t size = WholePages(bytes);
  // One page more than is needed, less what lies before the first boundary and behind the last.
  const size_t mapped = size + kHugePageBytes;
  void* const start =
      mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED) throw std::bad_alloc();
  char* const first = static_cast<char*>(start);
  const size_t before =
      (kHugePageBytes - reinterpret_cast<uintptr_t>(first) % kHugePageBytes) % kHugePageBytes;
  char* const memory = first + before;
  if (before > 0) QM_CHECK(munmap(first, before) == 0);
  QM_CHECK(munmap(memory + size, mapped - before - size) == 0);
  // Only advice: without it everything works, slower.
  (void)madvise(memory, size, MADV_HUGEPAGE);
  return memory;
}

void FreeHugePages(void* memory, size_t bytes) { QM_CHECK(munmap(memory, WholePages(bytes)) == 0); }

}  // namespace quartermaster
