#include "services/catalog/codec/outcome_codec.h"

#include <cstdint>
#include <variant>

#include "absl/status/status.h"
#include "quartermaster/catalog/events/v1/events.pb.h"
#include "services/catalog/codec/messages.h"

namespace quartermaster::catalog {
namespace {

using events::v1::RequestOutcome;

void ToMessage(const PutOutcome& outcome, RequestOutcome::Put& message) {
  message.mutable_codes()->Reserve(static_cast<int>(outcome.results.size()));
  for (const PutResult& result : outcome.results) {
    if (result.violations.empty()) {
      message.add_codes(result.changed ? RequestOutcome::CHANGED : RequestOutcome::UNCHANGED);
      continue;
    }
    message.add_codes(RequestOutcome::REFUSED);
    RequestOutcome::Refusal& refusal = *message.add_refusals();
    for (const Violation& violation : result.violations) {
      RequestOutcome::Violation& stored = *refusal.add_violations();
      stored.set_field(violation.field);
      stored.set_description(violation.description);
    }
  }
}

absl::StatusOr<PutOutcome> ToPutOutcome(const RequestOutcome::Put& message) {
  PutOutcome outcome;
  outcome.results.reserve(message.codes_size());
  int refusals = 0;
  for (const int code : message.codes()) {
    PutResult& result = outcome.results.emplace_back();
    result.changed = code == RequestOutcome::CHANGED;
    if (code != RequestOutcome::REFUSED) continue;
    if (refusals == message.refusals_size()) {
      return absl::DataLossError("a request outcome of the catalog has too few refusals");
    }
    for (const auto& violation : message.refusals(refusals++).violations()) {
      result.violations.push_back({violation.field(), violation.description()});
    }
  }
  return outcome;
}

void ToMessage(const PauseOutcome& outcome, RequestOutcome::Pause& message) {
  message.set_rejection(static_cast<int32_t>(outcome.rejection));
  if (outcome.rejection != Rejection::kNone) return;
  ToMessage(outcome.location, Attribution{}, *message.mutable_location());
  message.set_location_version(outcome.location.version);
}

PauseOutcome ToPauseOutcome(const RequestOutcome::Pause& message) {
  PauseOutcome outcome;
  outcome.rejection = static_cast<Rejection>(message.rejection());
  if (outcome.rejection == Rejection::kNone) {
    outcome.location = ToLocation(message.location());
    outcome.location.version = message.location_version();
  }
  return outcome;
}

}  // namespace

void EncodeOutcome(const Outcome& outcome, std::string& bytes) {
  RequestOutcome message;
  if (const auto* put = std::get_if<PutOutcome>(&outcome)) {
    ToMessage(*put, *message.mutable_put());
  } else {
    ToMessage(std::get<PauseOutcome>(outcome), *message.mutable_pause());
  }
  message.AppendToString(&bytes);
}

absl::StatusOr<Outcome> DecodeOutcome(std::string_view bytes) {
  RequestOutcome message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::DataLossError("the bytes of a request outcome of the catalog do not parse");
  }
  if (message.has_put()) return ToPutOutcome(message.put());
  if (message.has_pause()) return ToPauseOutcome(message.pause());
  return absl::DataLossError("a request outcome of the catalog is empty");
}

}  // namespace quartermaster::catalog
