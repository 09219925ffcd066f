#include "services/base/persist.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/container/inlined_vector.h"
#include "services/base/quantity.h"
#include "services/base/testing/saved.h"
#include "services/base/time.h"

namespace quartermaster {
namespace {

enum class Colour : uint8_t { kRed = 1, kBlue = 200 };

struct Inner {
  std::optional<int64_t> maybe;
  Colour colour = Colour::kRed;
  std::pair<bool, std::array<Quantity, 2>> pair;

  friend bool operator==(const Inner&, const Inner&) = default;
};

// Says itself what of it is saved.
class Counter {
 public:
  void Count(const std::string& name) { ++counts_[name], ++total_; }

  template <typename Archive, typename Self>
  static void Persist(Archive& archive, Self& self) {
    archive(self.counts_);
    if constexpr (Archive::kLoads) {
      for (const auto& [name, count] : self.counts_) self.total_ += count;
    }
  }
  friend bool operator==(const Counter&, const Counter&) = default;

 private:
  absl::flat_hash_map<std::string, int> counts_;
  int total_ = 0;
};

struct Everything {
  int64_t least = std::numeric_limits<int64_t>::min();
  uint64_t most = std::numeric_limits<uint64_t>::max();
  uint32_t small = 7;
  Instant never = kDistantFuture;
  std::string text;
  std::vector<bool> bits;
  std::vector<Inner> inner;
  absl::InlinedVector<int, 2> inlined;
  std::deque<std::string> names;
  std::map<int64_t, std::vector<uint32_t>> ordered;
  absl::btree_map<std::pair<uint32_t, Instant>, Quantity> tree;
  absl::flat_hash_map<uint64_t, std::string> hashed;
  absl::flat_hash_set<uint32_t> hashed_set;
  std::set<std::string> set;
  Counter counter;

  friend bool operator==(const Everything&, const Everything&) = default;
};

Everything Example() {
  Everything e;
  e.text = std::string("a\0b", 3) + std::string(500, 'x');
  e.bits = {true, false, false, true, true, false, true, false, true, true};
  e.inner = {{std::nullopt, Colour::kBlue, {true, {Quantity(-1), Quantity(1'000'000'007)}}},
             {-5, Colour::kRed, {}}};
  e.inlined = {1, -2, 3};
  e.names = {"", "one", "two"};
  e.ordered = {{-1, {1, 2}}, {5, {}}};
  e.tree = {{{1, Instant{2}}, Quantity(3)}};
  for (uint32_t i = 0; i < 100; ++i) {
    e.hashed.emplace(i * 7, std::to_string(i));
    e.hashed_set.insert(i * 11);
    e.counter.Count(std::to_string(i % 10));
  }
  e.set = {"a", "b"};
  return e;
}

// False if the bytes do not fit, or are too many.
template <typename T>
bool LoadFrom(std::string_view bytes, size_t piece_bytes, T& value) {
  const size_t size = bytes.size();
  Loader load(
      [&] {
        const std::string_view piece = bytes.substr(0, piece_bytes);
        bytes.remove_prefix(piece.size());
        return piece;
      },
      size);
  load(value);
  return load.ok() && load.done();
}

TEST(PersistTest, WhatIsSavedComesBackHoweverItIsCut) {
  const Everything saved = Example();
  const std::string bytes = Saved(saved);
  for (const size_t piece : {size_t{1}, size_t{2}, size_t{13}, bytes.size()}) {
    Everything loaded;
    ASSERT_TRUE(LoadFrom(bytes, piece, loaded)) << piece;
    EXPECT_EQ(loaded, saved) << piece;
    EXPECT_EQ(Saved(loaded), bytes) << piece;
  }
}

TEST(PersistTest, WhatIsLargerThanAPieceIsSavedToo) {
  const std::vector<std::string> saved = {"a", std::string(5 << 20, 'y'), "b"};
  std::vector<std::string> loaded;
  ASSERT_TRUE(LoadFrom(Saved(saved), 1 << 20, loaded));
  EXPECT_EQ(loaded, saved);
}

TEST(PersistTest, BytesThatEndTooSoonAreNotLoaded) {
  const std::string bytes = Saved(Example());
  for (size_t size = 0; size < bytes.size(); ++size) {
    Everything loaded;
    ASSERT_FALSE(LoadFrom(std::string_view(bytes).substr(0, size), 64, loaded)) << size;
  }
  Everything loaded;
  EXPECT_FALSE(LoadFrom(bytes + "x", 64, loaded));
}

TEST(PersistTest, NoMoreValuesAreMadeThanThereAreBytes) {
  // A size of 2^62, and no bytes behind it.
  std::string bytes(8, static_cast<char>(0x80));
  bytes.push_back(0x40);
  std::vector<int64_t> numbers;
  EXPECT_FALSE(LoadFrom(bytes, 64, numbers));
  std::string text;
  EXPECT_FALSE(LoadFrom(bytes, 64, text));
  std::vector<bool> bits;
  EXPECT_FALSE(LoadFrom(bytes, 64, bits));
}

}  // namespace
}  // namespace quartermaster
