// Memory in huge pages, for what is large and read at random: the positions, the indexes.
#ifndef QUARTERMASTER_SERVICES_BASE_HUGE_PAGES_H_
#define QUARTERMASTER_SERVICES_BASE_HUGE_PAGES_H_

#include <cstddef>
#include <memory>

namespace quartermaster {

// What Linux calls a huge page on x86-64, and nearly everywhere else.
inline constexpr size_t kHugePageBytes = size_t{2} << 20;

// Memory of its own from the system, aligned to a huge page and rounded up to whole ones, zeroed,
// and marked so that the kernel backs it with huge pages where it can (transparent huge pages set
// to "madvise" or "always"); where it cannot, the memory is ordinary. Throws std::bad_alloc.
void* AllocateHugePages(size_t bytes);
// `bytes` as they were asked for.
void FreeHugePages(void* memory, size_t bytes);

// For standard containers: allocations of at least half a huge page are made of huge pages, so that
// a random access costs a cache miss, and not a walk through the page tables too; smaller ones are
// ordinary.
template <typename T>
class HugePageAllocator {
 public:
  using value_type = T;

  HugePageAllocator() = default;
  template <typename U>
  HugePageAllocator(const HugePageAllocator<U>&) {}  // NOLINT(google-explicit-constructor)

  T* allocate(size_t n) {
    if (IsLarge(n)) return static_cast<T*>(AllocateHugePages(n * sizeof(T)));
    return std::allocator<T>().allocate(n);
  }
  void deallocate(T* memory, size_t n) {
    if (IsLarge(n)) {
      FreeHugePages(memory, n * sizeof(T));
    } else {
      std::allocator<T>().deallocate(memory, n);
    }
  }

  friend bool operator==(const HugePageAllocator&, const HugePageAllocator&) { return true; }

 private:
  static bool IsLarge(size_t n) { return n >= kHugePageBytes / 2 / sizeof(T); }
};

}  // namespace quartermaster

#endif  // QUARTERMASTER_SERVICES_BASE_HUGE_PAGES_H_
