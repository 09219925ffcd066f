// libFuzzer over FrameView::Parse: any bytes, and the same bytes under a right checksum, so that
// the fuzzer gets beyond it.
#include <xxhash.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "services/base/check.h"
#include "storage/frame.h"

namespace quartermaster::storage {
namespace {

constexpr size_t kBodyLengthAt = 12;
constexpr size_t kChecksumAt = 32;

// What is accepted can be read, and is what its own records build.
void Read(const std::string& bytes) {
  const auto view = FrameView::Parse(bytes);
  if (!view.ok()) return;
  Position position = view->first_position();
  for (const Record& record : *view) {
    QM_CHECK(record.position == position) << record.position;
    QM_CHECK(record.payload.data() >= bytes.data() + kFrameHeaderSize);
    QM_CHECK(record.payload.data() + record.payload.size() <= bytes.data() + bytes.size());
    ++position;
  }
  QM_CHECK(position == view->last_position() + 1) << position;
}

void Fuzz(std::string bytes) {
  Read(bytes);
  if (bytes.size() < kFrameHeaderSize) return;
  const auto length = static_cast<uint32_t>(bytes.size() - kFrameHeaderSize);
  std::memcpy(bytes.data() + kBodyLengthAt, &length, sizeof(length));
  const std::string covered = bytes.substr(0, kChecksumAt) + bytes.substr(kFrameHeaderSize);
  const uint64_t checksum = XXH3_64bits(covered.data(), covered.size());
  std::memcpy(bytes.data() + kChecksumAt, &checksum, sizeof(checksum));
  Read(bytes);
}

}  // namespace
}  // namespace quartermaster::storage

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  quartermaster::storage::Fuzz(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
