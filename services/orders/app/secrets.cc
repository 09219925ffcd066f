#include "services/orders/app/secrets.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/base/check.h"
#include "services/base/status_macros.h"
#include "storage/durable_file.h"

namespace quartermaster::orders {
namespace {

constexpr int kNonceBytes = 12;
constexpr int kTagBytes = 16;

struct CipherContextFree {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, CipherContextFree>;

const uint8_t* Bytes(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}
uint8_t* Bytes(std::string& text) { return reinterpret_cast<uint8_t*>(text.data()); }

// OpenSSL fails only if it has no memory or no entropy: there is nothing to carry on with.
void Require(int result) { QM_CHECK(result == 1) << "OpenSSL failed"; }

absl::Status NotAuthentic() {
  return absl::DataLossError("sealed bytes are truncated, altered or under another key");
}

}  // namespace

SecretKey::SecretKey(std::string_view bytes) {
  QM_CHECK(bytes.size() == bytes_.size()) << "a key of " << bytes.size() << " bytes";
  std::memcpy(bytes_.data(), bytes.data(), bytes.size());
}

SecretKey::~SecretKey() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

SecretKey RandomKey() {
  std::string bytes(kSecretKeyBytes, '\0');
  Require(RAND_bytes(Bytes(bytes), static_cast<int>(bytes.size())));
  SecretKey key(bytes);
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return key;
}

absl::StatusOr<SecretKey> LoadOrCreateKey(const std::string& path) {
  absl::StatusOr<SecretKey> key = LoadKey(path);
  if (!absl::IsNotFound(key.status())) return key;
  const SecretKey fresh = RandomKey();
  QM_RETURN_IF_ERROR(storage::WriteDurably(path, fresh.view()));
  return fresh;
}

absl::StatusOr<SecretKey> LoadKey(const std::string& path) {
  struct stat info;
  if (::stat(path.c_str(), &info) != 0) {
    const int error = errno;
    const std::string message = absl::StrCat("cannot read ", path, ": ", std::strerror(error));
    return error == ENOENT ? absl::NotFoundError(message) : absl::InternalError(message);
  }
  if ((info.st_mode & 077) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " is open to others than its owner: chmod 600 it"));
  }
  QM_ASSIGN_OR_RETURN(std::string bytes, storage::ReadWhole(path));
  if (bytes.size() != kSecretKeyBytes) {
    return absl::DataLossError(
        absl::StrCat(path, " holds ", bytes.size(), " bytes instead of ", kSecretKeyBytes));
  }
  SecretKey key(bytes);
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return key;
}

std::string Seal(const SecretKey& key, std::string_view plain, std::string_view context) {
  std::string sealed(kNonceBytes + plain.size() + kTagBytes, '\0');
  uint8_t* nonce = Bytes(sealed);
  Require(RAND_bytes(nonce, kNonceBytes));
  CipherContext cipher(EVP_CIPHER_CTX_new());
  QM_CHECK(cipher != nullptr) << "no memory";
  Require(EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.data(), nonce));
  int length = 0;
  Require(EVP_EncryptUpdate(cipher.get(), nullptr, &length, Bytes(context),
                            static_cast<int>(context.size())));
  uint8_t* out = nonce + kNonceBytes;
  Require(
      EVP_EncryptUpdate(cipher.get(), out, &length, Bytes(plain), static_cast<int>(plain.size())));
  Require(EVP_EncryptFinal_ex(cipher.get(), out + length, &length));
  Require(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, out + plain.size()));
  return sealed;
}

absl::StatusOr<std::string> Unseal(const SecretKey& key, std::string_view sealed,
                                   std::string_view context) {
  if (sealed.size() < kSealOverheadBytes) return NotAuthentic();
  const uint8_t* nonce = Bytes(sealed);
  const size_t size = sealed.size() - kSealOverheadBytes;
  CipherContext cipher(EVP_CIPHER_CTX_new());
  QM_CHECK(cipher != nullptr) << "no memory";
  Require(EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.data(), nonce));
  int length = 0;
  Require(EVP_DecryptUpdate(cipher.get(), nullptr, &length, Bytes(context),
                            static_cast<int>(context.size())));
  std::string plain(size, '\0');
  Require(EVP_DecryptUpdate(cipher.get(), Bytes(plain), &length, nonce + kNonceBytes,
                            static_cast<int>(size)));
  std::string tag(sealed.substr(kNonceBytes + size));
  Require(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()));
  if (EVP_DecryptFinal_ex(cipher.get(), Bytes(plain) + length, &length) != 1) {
    return NotAuthentic();
  }
  return plain;
}

std::string Mac(const SecretKey& key, std::string_view text) {
  std::string tag(SHA256_DIGEST_LENGTH, '\0');
  unsigned int length = 0;
  QM_CHECK(HMAC(EVP_sha256(), key.data(), kSecretKeyBytes, Bytes(text), text.size(), Bytes(tag),
                &length) != nullptr)
      << "OpenSSL failed";
  return tag;
}

std::string HashHex(std::string_view text) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(Bytes(text), text.size(), Bytes(digest));
  return absl::BytesToHexString(digest);
}

}  // namespace quartermaster::orders
