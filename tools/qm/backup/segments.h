// The frames of one partition in a backup: files that are only appended to. FORMAT.md has their
// names and bytes.
//
//   QM_ASSIGN_OR_RETURN(auto segments, SegmentWriter::Open(directory, "stock/0", 0));
//   QM_RETURN_IF_ERROR(segments.Append(frame));    // from segments.head() + 1 on
//   QM_RETURN_IF_ERROR(segments.Sync());
//
//   ReadSegments(directory, "stock/0", head, [](const FrameView& frame, std::string_view bytes) {
//     ...
//   });
#ifndef QUARTERMASTER_TOOLS_QM_BACKUP_SEGMENTS_H_
#define QUARTERMASTER_TOOLS_QM_BACKUP_SEGMENTS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/frame.h"
#include "tools/qm/backup/files.h"

namespace quartermaster::qm {

// A file that has as much takes no further frame.
inline constexpr int64_t kSegmentBytes = int64_t{256} << 20;

// The directory of a partition's files.
std::string SegmentDirectory(const std::string& backup, const std::string& partition);

// Not thread-safe.
class SegmentWriter {
 public:
  // Looks at the last file and cuts off what an interrupted run left half written. `complete` is
  // the head that a finished run has vouched for: kDataLoss if less is there.
  static absl::StatusOr<SegmentWriter> Open(const std::string& backup, const std::string& partition,
                                            int64_t complete,
                                            int64_t segment_bytes = kSegmentBytes);

  // The last position that is here; 0 if there is none.
  int64_t head() const { return head_; }
  // The bytes of the last frame; empty if there is none.
  const std::string& last_frame() const { return last_frame_; }

  // Checks the frame: kDataLoss if it is damaged or does not begin at head() + 1. Durable after the
  // next Sync.
  absl::Status Append(std::string frame);
  absl::Status Sync();

 private:
  // Reads the last file to its end.
  absl::Status FindEnd(int64_t complete);

  std::string directory_;
  int64_t segment_bytes_ = 0;
  int64_t head_ = 0;
  std::string last_frame_;
  File file_;
  int64_t size_ = 0;
};

// Calls `on_frame` for each frame, in order, from the first one to the one that ends at `head`;
// ends at the first error that it returns. Errors: kDataLoss names file, byte and position of what
// is damaged or missing.
using FrameCallback = std::function<absl::Status(const storage::FrameView&, std::string_view)>;
absl::Status ReadSegments(const std::string& backup, const std::string& partition, int64_t head,
                          const FrameCallback& on_frame);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_BACKUP_SEGMENTS_H_
