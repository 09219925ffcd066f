// LocationSet: a set of locations as bits, so that "capable, open and in stock for every line" is a
// handful of word operations for thousands of locations.
#ifndef QUARTERMASTER_SERVICES_ROUTING_DOMAIN_LOCATION_SET_H_
#define QUARTERMASTER_SERVICES_ROUTING_DOMAIN_LOCATION_SET_H_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace quartermaster::routing {

// A location's compact number: counted from 0 in the order in which this process met it, and so
// never a basis for a decision.
using LocationIndex = uint32_t;

// Grows with its largest member; what lies beyond is not in it. Not thread-safe.
class LocationSet {
 public:
  LocationSet() = default;
  // Empty, with room for the locations below `size`.
  explicit LocationSet(size_t size) : words_((size + 63) / 64) {}

  bool Contains(LocationIndex location) const {
    const size_t word = location / 64;
    return word < words_.size() && (words_[word] >> (location % 64) & 1) != 0;
  }

  void Insert(LocationIndex location) {
    const size_t word = location / 64;
    if (word >= words_.size()) words_.resize(word + 1);
    words_[word] |= uint64_t{1} << (location % 64);
  }

  // The location must be below the size that the set was made for. Without a branch: for loops
  // over thousands of locations.
  void InsertIf(LocationIndex location, bool member) {
    words_[location / 64] |= uint64_t{member} << (location % 64);
  }

  void Erase(LocationIndex location) {
    const size_t word = location / 64;
    if (word < words_.size()) words_[word] &= ~(uint64_t{1} << (location % 64));
  }

  void Assign(LocationIndex location, bool member) { member ? Insert(location) : Erase(location); }

  LocationSet& operator&=(const LocationSet& other) {
    if (words_.size() > other.words_.size()) words_.resize(other.words_.size());
    for (size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
    return *this;
  }

  LocationSet& operator|=(const LocationSet& other) {
    if (words_.size() < other.words_.size()) words_.resize(other.words_.size());
    for (size_t i = 0; i < other.words_.size(); ++i) words_[i] |= other.words_[i];
    return *this;
  }

  LocationSet& operator-=(const LocationSet& other) {
    const size_t common = std::min(words_.size(), other.words_.size());
    for (size_t i = 0; i < common; ++i) words_[i] &= ~other.words_[i];
    return *this;
  }

  friend LocationSet operator&(LocationSet a, const LocationSet& b) { return a &= b; }
  friend LocationSet operator|(LocationSet a, const LocationSet& b) { return a |= b; }
  friend LocationSet operator-(LocationSet a, const LocationSet& b) { return a -= b; }

  size_t Count() const {
    size_t count = 0;
    for (const uint64_t word : words_) count += static_cast<size_t>(std::popcount(word));
    return count;
  }

  bool Empty() const {
    return std::all_of(words_.begin(), words_.end(), [](uint64_t word) { return word == 0; });
  }

  // Calls visit(LocationIndex) for every member, in the order of their numbers.
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (size_t i = 0; i < words_.size(); ++i) {
      for (uint64_t word = words_[i]; word != 0; word &= word - 1) {
        visit(static_cast<LocationIndex>(i * 64 + static_cast<size_t>(std::countr_zero(word))));
      }
    }
  }

 private:
  std::vector<uint64_t> words_;
};

}  // namespace quartermaster::routing

#endif  // QUARTERMASTER_SERVICES_ROUTING_DOMAIN_LOCATION_SET_H_
