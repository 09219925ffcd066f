// Directory: names and their compact ids, both ways.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_DIRECTORY_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_DIRECTORY_H_

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "services/base/check.h"

namespace quartermaster::stock {

// Append-only: an id never changes its name. Names stay where they are in memory.
template <typename Index>
class Directory {
 public:
  // Index::kNone if the name is unknown.
  Index Find(std::string_view name) const {
    const auto it = indices_.find(name);
    return it == indices_.end() ? Index::kNone : it->second;
  }
  // The id must be known.
  const std::string& Name(Index index) const {
    QM_CHECK(Knows(index)) << "index " << static_cast<uint32_t>(index);
    return names_[static_cast<uint32_t>(index) - 1];
  }
  bool Knows(Index index) const { return index != Index::kNone && index < next(); }
  // The id that the next name gets.
  Index next() const { return static_cast<Index>(names_.size() + 1); }
  size_t size() const { return names_.size(); }

  void Add(Index index, std::string_view name) {
    QM_CHECK(index == next()) << "ids are given in order; " << name;
    names_.emplace_back(name);
    const bool added = indices_.emplace(names_.back(), index).second;
    QM_CHECK(added) << name << " is known already";
  }

  // base/persist.h
  template <typename Archive, typename Self>
  static void Persist(Archive& archive, Self& self) {
    archive(self.names_);
    if constexpr (Archive::kLoads) {
      self.indices_.reserve(self.names_.size());
      auto index = Index::kNone;
      for (const std::string& name : self.names_) {
        index = static_cast<Index>(static_cast<uint32_t>(index) + 1);
        self.indices_.emplace(name, index);
      }
    }
  }

 private:
  std::deque<std::string> names_;
  absl::flat_hash_map<std::string_view, Index> indices_;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_DIRECTORY_H_
