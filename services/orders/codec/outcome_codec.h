// Outcomes <-> bytes: what the log keeps of a request's answer, so that its repetition is answered
// alike. One entry per command; a batch of facts has many.
#ifndef QUARTERMASTER_SERVICES_ORDERS_CODEC_OUTCOME_CODEC_H_
#define QUARTERMASTER_SERVICES_ORDERS_CODEC_OUTCOME_CODEC_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/orders/domain/decide.h"
#include "services/orders/domain/rejections.h"

namespace quartermaster::orders {

struct Outcome {
  Result result;
  std::optional<Rejection> rejection;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

// Appends to `bytes`.
void EncodeOutcomes(const std::vector<Outcome>& outcomes, std::string& bytes);

// Errors: kDataLoss for bytes that do not parse.
absl::StatusOr<std::vector<Outcome>> DecodeOutcomes(std::string_view bytes);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_CODEC_OUTCOME_CODEC_H_
