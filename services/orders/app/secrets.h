// Secrets: the few cryptographic operations that orders needs, over OpenSSL. Nothing here knows
// what it protects.
//
//   QM_ASSIGN_OR_RETURN(SecretKey key, LoadOrCreateKey(dir + "/key"));
//   std::string sealed = Seal(key, plain, /*context=*/"s-1");   // AES-256-GCM
//   QM_ASSIGN_OR_RETURN(std::string plain, Unseal(key, sealed, "s-1"));
//   std::string tag = Mac(key, "text");                         // HMAC-SHA-256
#ifndef QUARTERMASTER_SERVICES_ORDERS_APP_SECRETS_H_
#define QUARTERMASTER_SERVICES_ORDERS_APP_SECRETS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace quartermaster::orders {

inline constexpr size_t kSecretKeyBytes = 32;

// Wiped when it goes out of scope.
class SecretKey {
 public:
  SecretKey() = default;
  // `bytes` must be kSecretKeyBytes long.
  explicit SecretKey(std::string_view bytes);
  SecretKey(const SecretKey&) = default;
  SecretKey& operator=(const SecretKey&) = default;
  ~SecretKey();

  const uint8_t* data() const { return bytes_.data(); }
  std::string_view view() const {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }

 private:
  std::array<uint8_t, kSecretKeyBytes> bytes_{};
};

SecretKey RandomKey();

// Reads a key file, or creates it (mode 0600, random, synced together with its directory, which
// must exist) if there is none.
// Errors: kDataLoss (not 32 bytes long), kFailedPrecondition (readable by others), kInternal (I/O).
absl::StatusOr<SecretKey> LoadOrCreateKey(const std::string& path);
// The same for a file that must exist. Errors: those, and kNotFound.
absl::StatusOr<SecretKey> LoadKey(const std::string& path);

// Authenticated encryption under a fresh random nonce, which is stored in front. What was sealed
// under one context does not open under another. At most 2^32 seals under one key.
std::string Seal(const SecretKey& key, std::string_view plain, std::string_view context);
// Errors: kDataLoss (truncated, altered, another key or another context).
absl::StatusOr<std::string> Unseal(const SecretKey& key, std::string_view sealed,
                                   std::string_view context);
// How many bytes Seal adds.
inline constexpr size_t kSealOverheadBytes = 12 + 16;

// HMAC-SHA-256: 32 bytes.
std::string Mac(const SecretKey& key, std::string_view text);
// SHA-256 in lower-case hexadecimal: 64 characters.
std::string HashHex(std::string_view text);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_APP_SECRETS_H_
