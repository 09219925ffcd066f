// OnceKeys: what has happened and must not happen twice, by its key, with the fingerprint of what
// it was: effects, and messages of sources.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_ONCE_KEYS_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_ONCE_KEYS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "services/base/check.h"
#include "services/stock/domain/sources.h"

namespace quartermaster::stock {

// The key of an effect. Empty if it has none: then it may happen again.
inline std::string EffectOnce(const std::string& effect_key) {
  return effect_key.empty() ? std::string() : absl::StrCat("e", effect_key);
}
// The key of a message. Its number is its id, if it has no other.
inline std::string MessageOnce(const std::string& source, int64_t sequence, const std::string& id) {
  if (source.empty()) return std::string();
  const size_t length = source.size();
  return id.empty() ? absl::StrCat("s", length, ":", source, sequence)
                    : absl::StrCat("m", length, ":", source, id);
}

// Keeps the latest in memory. The others go to an archive (app/once_archive.h), where whoever
// decides looks for what is not here; so it makes no difference to a decision which are where, and
// what is in memory need not be the same after a replay. Not thread-safe.
class OnceKeys {
 public:
  struct Entry {
    std::string key;
    uint64_t fingerprint = 0;
  };

  static constexpr size_t kKept = 1 << 18;
  explicit OnceKeys(size_t kept = kKept) : kept_(kept), index_(0, Hash{this}, Equal{this}) {}
  OnceKeys(const OnceKeys&) = delete;
  OnceKeys& operator=(const OnceKeys&) = delete;

  // How many stay in memory.
  void Keep(size_t kept) { kept_ = kept; }

  // The fingerprint; nullptr if it has not happened, as far as is known here.
  const uint64_t* Find(const std::string& key) const {
    if (key.empty()) return nullptr;
    if (const auto it = index_.find(key); it != index_.end()) return &At(*it).fingerprint;
    const auto it = recalled_.find(key);
    return it == recalled_.end() ? nullptr : &it->second;
  }
  // It has happened. False, and nothing changes, if it is known here that it had.
  bool Add(std::string key, uint64_t fingerprint) {
    keys_.push_back({std::move(key), fingerprint});
    const uint64_t number = first_ + keys_.size() - 1;
    if (index_.insert(number).second) return true;
    keys_.pop_back();
    return false;
  }

  // The oldest that has not been given out, if there are more than are kept; once each. nullptr:
  // there are not.
  const Entry* NextExcess() {
    if (keys_.size() - given_out_ <= kept_) return nullptr;
    return &keys_[given_out_++];
  }
  // How many were ever given out; the first so many of them are archived.
  uint64_t given_out() const { return first_ + given_out_; }
  // They are archived, up to that many.
  void Forget(uint64_t given_out) {
    for (; first_ < given_out; --given_out_) {
      QM_CHECK(given_out_ > 0) << "a key is forgotten that is not archived";
      index_.erase(first_);
      keys_.pop_front();
      ++first_;
    }
  }

  // Of the command at hand: what the archive has of its keys. For the one decision; not of the log.
  using Recalled = absl::flat_hash_map<std::string, uint64_t>;
  void Recall(Recalled recalled) {
    if (recalled_.empty() && recalled.empty()) return;
    recalled_ = std::move(recalled);
  }

  size_t size() const { return keys_.size(); }
  // How many there ever were.
  uint64_t added() const { return first_ + keys_.size(); }
  auto begin() const { return keys_.begin(); }
  auto end() const { return keys_.end(); }

  // base/persist.h: without those that were given out, which must be archived
  template <typename Archive, typename Self>
  static void Persist(Archive& archive, Self& self) {
    if constexpr (Archive::kLoads) {
      archive(self.first_, self.keys_);
      for (size_t i = 0; i < self.keys_.size(); ++i) self.index_.insert(self.first_ + i);
    } else {
      const std::deque<Entry> left(self.keys_.begin() + static_cast<ptrdiff_t>(self.given_out_),
                                   self.keys_.end());
      archive(self.given_out(), left);
    }
  }

 private:
  const Entry& At(uint64_t number) const { return keys_[number - first_]; }

  struct Hash {
    using is_transparent = void;
    const OnceKeys* keys;
    size_t operator()(const std::string& key) const {
      return absl::Hash<absl::string_view>()(absl::string_view(key.data(), key.size()));
    }
    size_t operator()(uint64_t number) const { return (*this)(keys->At(number).key); }
  };
  struct Equal {
    using is_transparent = void;
    const OnceKeys* keys;
    bool operator()(uint64_t a, uint64_t b) const {
      return a == b || keys->At(a).key == keys->At(b).key;
    }
    bool operator()(uint64_t number, const std::string& key) const {
      return keys->At(number).key == key;
    }
  };

  size_t kept_;
  // Oldest first.
  std::deque<Entry> keys_;
  // The number of the oldest; they are counted as they come.
  uint64_t first_ = 0;
  // How many of the oldest were given out.
  size_t given_out_ = 0;
  absl::flat_hash_set<uint64_t, Hash, Equal> index_;
  Recalled recalled_;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_ONCE_KEYS_H_
