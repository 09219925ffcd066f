// LocationSet: a set of locations as a bit each, so that whole sets are met 64 locations at a time.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_LOCATION_SET_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_LOCATION_SET_H_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "services/stock/domain/ids.h"

namespace quartermaster::stock {

// Grows with the largest location in it. Not thread-safe.
class LocationSet {
 public:
  static constexpr uint32_t kWordBits = 64;

  LocationSet() = default;
  // Room for locations up to `last`; empty.
  explicit LocationSet(LocationIndex last) : words_(WordOf(last) + 1) {}

  bool Contains(LocationIndex location) const {
    const size_t w = WordOf(location);
    return w < words_.size() && (words_[w] & BitOf(location)) != 0;
  }
  void Insert(LocationIndex location) {
    const size_t w = WordOf(location);
    if (w >= words_.size()) words_.resize(w + 1);
    words_[w] |= BitOf(location);
  }
  void Erase(LocationIndex location) {
    const size_t w = WordOf(location);
    if (w < words_.size()) words_[w] &= ~BitOf(location);
  }
  bool IsEmpty() const {
    return std::all_of(words_.begin(), words_.end(), [](uint64_t word) { return word == 0; });
  }
  // Empties it and keeps its room.
  void Clear() { words_.assign(words_.size(), 0); }

  size_t word_count() const { return words_.size(); }
  // 0 beyond the last word.
  uint64_t word(size_t w) const { return w < words_.size() ? words_[w] : 0; }
  // `w` must be below word_count().
  void set_word(size_t w, uint64_t bits) { words_[w] = bits; }

  // The location of the lowest bit of word `w`, as `bits` has it (not 0).
  static LocationIndex Lowest(size_t w, uint64_t bits) {
    return static_cast<LocationIndex>(w * kWordBits + static_cast<size_t>(std::countr_zero(bits)));
  }

  // base/persist.h
  template <typename Archive, typename Self>
  static void Persist(Archive& archive, Self& self) {
    archive(self.words_);
  }

 private:
  static size_t WordOf(LocationIndex location) {
    return static_cast<uint32_t>(location) / kWordBits;
  }
  static uint64_t BitOf(LocationIndex location) {
    return uint64_t{1} << static_cast<uint32_t>(location) % kWordBits;
  }
  std::vector<uint64_t> words_;
};

// What is in either.
inline LocationSet Union(const LocationSet& a, const LocationSet& b) {
  if (a.word_count() < b.word_count()) return Union(b, a);
  LocationSet both = a;
  for (size_t w = 0; w < b.word_count(); ++w) both.set_word(w, a.word(w) | b.word(w));
  return both;
}

// Calls visit(location) for each that is in both, ascending.
template <typename Visit>
void VisitBoth(const LocationSet& a, const LocationSet& b, const Visit& visit) {
  for (size_t w = 0; w < a.word_count(); ++w) {
    for (uint64_t bits = a.word(w) & b.word(w); bits != 0; bits &= bits - 1) {
      visit(LocationSet::Lowest(w, bits));
    }
  }
}

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_LOCATION_SET_H_
