// PositionSpool: figures of many SKUs at locations, put in order and the latest of each kept,
// whatever order they come in and however many they are: what does not fit into memory waits in
// sorted runs in files without a name.
//
//   PositionSpool spool(directory, PositionSpool::kInMemoryMax);
//   QM_RETURN_IF_ERROR(spool.Add({sku, location_id, counts}));
//   QM_RETURN_IF_ERROR(spool.ForEach([](const PositionSpool::Entry& entry) { ... }));
#ifndef QUARTERMASTER_TOOLS_QM_EXPORTER_POSITION_SPOOL_H_
#define QUARTERMASTER_TOOLS_QM_EXPORTER_POSITION_SPOOL_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace quartermaster::qm {

// Not thread-safe.
class PositionSpool {
 public:
  // Some 60 MB.
  static constexpr size_t kInMemoryMax = 500'000;
  static constexpr size_t kCounts = 5;

  struct Entry {
    std::string sku;
    std::string location_id;
    std::array<int64_t, kCounts> counts{};

    bool SamePosition(const Entry& other) const {
      return sku == other.sku && location_id == other.location_id;
    }
    bool Before(const Entry& other) const {
      const int order = sku.compare(other.sku);
      return order != 0 ? order < 0 : location_id < other.location_id;
    }
  };

  PositionSpool(std::string directory, size_t in_memory_max);
  ~PositionSpool();
  PositionSpool(const PositionSpool&) = delete;
  PositionSpool& operator=(const PositionSpool&) = delete;

  // Names of at most 64 KiB. Errors: kUnavailable (the disk).
  absl::Status Add(Entry entry);
  // Once, at the end: each position once, by SKU and location, with what was added last. Errors:
  // kUnavailable (the disk).
  absl::Status ForEach(const std::function<void(const Entry&)>& visit);

 private:
  using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;
  class Source;

  // In order, the latest of each.
  void SortBuffer();
  absl::Status Flush();

  const std::string directory_;
  const size_t in_memory_max_;
  std::vector<Entry> buffer_;
  std::vector<File> runs_;
};

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_EXPORTER_POSITION_SPOOL_H_
