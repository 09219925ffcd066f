// Fields that mutating requests share.
#ifndef QUARTERMASTER_SERVICES_STOCK_RPC_REQUEST_FIELDS_H_
#define QUARTERMASTER_SERVICES_STOCK_RPC_REQUEST_FIELDS_H_

#include "quartermaster/common/v1/common.pb.h"
#include "quartermaster/stock/v1/stock.pb.h"
#include "services/runtime/validation.h"
#include "services/stock/domain/commands.h"
#include "services/stock/domain/sources.h"

namespace quartermaster::stock {

// Lines of a transfer or a purchase order in one request; bytes of an effect key.
inline constexpr int kRequestLinesMax = 500;
inline constexpr size_t kEffectKeyMax = 128;

inline Attribution ToAttribution(const common::v1::Attribution& from) {
  return {from.actor_id(), from.device_id(), from.reason_code()};
}

// The message of a fact, if it has one.
void CheckMessage(const v1::SourceMessage& message, runtime::FieldChecker& check);
SourceMessage ToMessage(const v1::SourceMessage& from);

// Of a fact: which message tells it, and when it happened.
template <typename Fact>
void CheckTold(const Fact& fact, runtime::FieldChecker& check) {
  if (fact.has_message()) CheckMessage(fact.message(), check);
  if (fact.has_business_time()) check.Timestamp("business_time", fact.business_time());
}
template <typename Fact, typename Command>
void FillTold(const Fact& from, Command& to) {
  to.message = ToMessage(from.message());
  if (from.has_business_time()) to.business_time = runtime::InstantOf(from.business_time());
}

template <typename Request>
void CheckMutation(const Request& request, runtime::FieldChecker& check) {
  check.Id("request_id", request.request_id());
  if (request.has_attribution()) check.Attribution("attribution", request.attribution());
}

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_RPC_REQUEST_FIELDS_H_
