// What a request's caller was told <-> bytes, so that a repeated request is told the same.
#ifndef QUARTERMASTER_SERVICES_CATALOG_CODEC_OUTCOME_CODEC_H_
#define QUARTERMASTER_SERVICES_CATALOG_CODEC_OUTCOME_CODEC_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/catalog/domain/outcome.h"

namespace quartermaster::catalog {

// Appends to `bytes`.
void EncodeOutcome(const Outcome& outcome, std::string& bytes);

// Errors: kDataLoss for bytes that EncodeOutcome did not make.
absl::StatusOr<Outcome> DecodeOutcome(std::string_view bytes);

}  // namespace quartermaster::catalog

#endif  // QUARTERMASTER_SERVICES_CATALOG_CODEC_OUTCOME_CODEC_H_
