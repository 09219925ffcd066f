// Slab: objects of one type that come and go one by one and stay where they are.
#ifndef QUARTERMASTER_SERVICES_BASE_SLAB_H_
#define QUARTERMASTER_SERVICES_BASE_SLAB_H_

#include <sanitizer/asan_interface.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "services/base/huge_pages.h"

namespace quartermaster {

// Objects lie side by side in blocks, each twice as large as the one before, up to a huge page:
// there a new object costs no page fault of its own, and an old one no walk through the page
// tables. Room that was given back is used again, the last first. Blocks are kept until the slab
// goes: it has as much memory as the most objects that it ever had at once. Not thread-safe.
template <typename T>
class Slab {
 public:
  Slab() = default;
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;
  // Whatever is still in it must have been destroyed.
  ~Slab() {
    for (const Block& block : blocks_) {
      ASAN_UNPOISON_MEMORY_REGION(block.rooms, block.size * sizeof(Room));
      Allocator().deallocate(block.rooms, block.size);
    }
  }

  T* New() {
    Room* room = free_;
    if (room != nullptr) {
      free_ = room->next;
      PrefetchToWrite(free_);
      ASAN_UNPOISON_MEMORY_REGION(room, sizeof(Room));
    } else {
      if (blocks_.empty() || used_of_last_ == blocks_.back().size) AddBlock();
      room = &blocks_.back().rooms[used_of_last_++];
    }
    return std::construct_at(&room->object);
  }
  // What this slab made.
  void Delete(T* object) {
    std::destroy_at(object);
    Room* const room = reinterpret_cast<Room*>(object);
    room->next = std::exchange(free_, room);
    // All but where it leads on.
    constexpr size_t kLinkBytes = sizeof(void*);
    ASAN_POISON_MEMORY_REGION(reinterpret_cast<char*>(room) + kLinkBytes,
                              sizeof(Room) - kLinkBytes);
  }

 private:
  union Room {
    Room* next;
    T object;
  };
  using Allocator = HugePageAllocator<Room>;
  struct Block {
    Room* rooms;
    size_t size;
  };

  // Room that was given back has left the caches: asks for it one object ahead.
  static void PrefetchToWrite(const Room* room) {
    constexpr size_t kCacheLine = 64;
    for (size_t i = 0; room != nullptr && i < sizeof(Room); i += kCacheLine) {
      __builtin_prefetch(reinterpret_cast<const char*>(room) + i, /*rw=*/1);
    }
  }

  void AddBlock() {
    constexpr size_t kMost = std::max<size_t>(1, kHugePageBytes / sizeof(Room));
    const size_t size = blocks_.empty() ? 1 : std::min(kMost, 2 * blocks_.back().size);
    blocks_.push_back({Allocator().allocate(size), size});
    used_of_last_ = 0;
  }

  std::vector<Block> blocks_;
  size_t used_of_last_ = 0;
  // Given back, the last first.
  Room* free_ = nullptr;
};

}  // namespace quartermaster

#endif  // QUARTERMASTER_SERVICES_BASE_SLAB_H_
