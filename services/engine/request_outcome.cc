#include "services/engine/request_outcome.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace quartermaster::engine {
namespace {

void StoreLittleEndian(uint64_t value, char* bytes) {
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(value >> (8 * i));
}

uint64_t LoadLittleEndian(const char* bytes) {
  uint64_t value = 0;
  for (int i = 7; i >= 0; --i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

}  // namespace

void AppendRequestOutcomePrefix(std::string_view request_id, const Fingerprint& fingerprint,
                                std::string& bytes) {
  const size_t size = bytes.size();
  bytes.resize(size + 1 + request_id.size() + 16);
  char* const at = bytes.data() + size;
  at[0] = static_cast<char>(request_id.size());
  std::copy(request_id.begin(), request_id.end(), at + 1);
  StoreLittleEndian(fingerprint.high, at + 1 + request_id.size());
  StoreLittleEndian(fingerprint.low, at + 1 + request_id.size() + 8);
}

bool ParseRequestOutcome(std::string_view bytes, RequestOutcome& outcome) {
  if (bytes.empty()) return false;
  const size_t id_size = static_cast<unsigned char>(bytes[0]);
  if (bytes.size() < 1 + id_size + 16) return false;
  outcome.request_id = bytes.substr(1, id_size);
  outcome.fingerprint = {LoadLittleEndian(bytes.data() + 1 + id_size),
                         LoadLittleEndian(bytes.data() + 1 + id_size + 8)};
  outcome.outcome = bytes.substr(1 + id_size + 16);
  return true;
}

}  // namespace quartermaster::engine
