// PickupCodes: the six digits that a customer shows at the counter. A code follows from a secret
// key, the task and the request that minted it, so that the same request again gets the same code;
// what is stored of it is a keyed hash, from which nobody without the key can find it.
//
//   std::string code = codes.Mint("t-1", "request-9");        // "048213"
//   std::string stored = codes.Mac("t-1", code);
//   QrPayload("t-1", code)                                     // "QM1:t-1:048213"
//   codes.Mac("t-1", ShownCode("t-1", shown)) == stored        // at the counter
#ifndef QUARTERMASTER_SERVICES_ORDERS_APP_PICKUP_CODES_H_
#define QUARTERMASTER_SERVICES_ORDERS_APP_PICKUP_CODES_H_

#include <string>
#include <string_view>

#include "services/orders/app/secrets.h"

namespace quartermaster::orders {

// What the QR code shows of a task's code.
std::string QrPayload(std::string_view task_id, std::string_view code);

// The digits of what was typed or scanned at the task's counter. What is no payload of this task
// comes back as it is: as a code it is wrong.
std::string_view ShownCode(std::string_view task_id, std::string_view shown);

// Immutable, thread-safe.
class PickupCodes {
 public:
  // The key must stay the same for as long as codes are valid: LoadOrCreateKey.
  explicit PickupCodes(const SecretKey& key) : key_(key) {}

  // Six decimal digits.
  std::string Mint(std::string_view task_id, std::string_view request_id) const;
  // 32 bytes.
  std::string Mac(std::string_view task_id, std::string_view code) const;
  // Of personal data that is part of a request's fingerprint: a plain hash of a name and a phone
  // number could be found by trying.
  std::string SubjectMac(std::string_view subject_bytes) const;

 private:
  const SecretKey key_;
};

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_APP_PICKUP_CODES_H_
