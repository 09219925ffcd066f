// Requests -> commands: what is checked before stock decides. Field errors name the exact path.
// Names are resolved against the durable inventory; one that is unknown stays kNone, and it is for
// `decide` to refuse it, so that the refusal is remembered with the request id.
#ifndef QUARTERMASTER_SERVICES_STOCK_RPC_STOCK_REQUESTS_H_
#define QUARTERMASTER_SERVICES_STOCK_RPC_STOCK_REQUESTS_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quartermaster/stock/v1/stock.pb.h"
#include "services/runtime/validation.h"
#include "services/stock/app/stock_submission.h"
#include "services/stock/app/stock_view.h"
#include "services/stock/domain/commands.h"

namespace quartermaster::stock {

inline constexpr int kLinesMax = 2'000;
inline constexpr int kKeysMax = 1'000;
inline constexpr int kPageSizeMax = 1'000;
// How many to list, of a request's page size.
constexpr int PageSizeOf(int asked) { return asked == 0 ? 100 : asked; }
// Of a source's messages: far from where the next number would overflow.
inline constexpr int64_t kSequenceMax = int64_t{1} << 62;
// How many positions are looked at with the view locked: a millisecond or two.
inline constexpr size_t kPositionsPerCutMax = 250'000;

// Looks names up with `resolve(inventory)`, which returns whether all were known; if not, leaves it
// to the writer to look again.
template <typename Resolve>
void ResolveNames(const StockView& view, StockSubmission& submission, Resolve resolve) {
  if (view.With([&](const StockSnapshot& s) { return resolve(s.inventory); })) return;
  submission.resolve_again = [resolve](const Inventory& inventory) { resolve(inventory); };
}

// The version that an etag stands for; unset if any will do.
std::optional<int64_t> CheckEtag(const std::string& etag, runtime::FieldChecker& check);

// Each checks the request; if all is well it fills the submission's command or facts.
void Parse(const v1::ReserveRequest& request, const StockView& view, runtime::FieldChecker& check,
           StockSubmission& submission);
void Parse(const v1::UpdateReservationRequest& request, const StockView& view,
           runtime::FieldChecker& check, StockSubmission& submission);
void Parse(const v1::ExtendReservationRequest& request, const StockView& view,
           runtime::FieldChecker& check, StockSubmission& submission);
void Parse(const v1::ConfirmReservationRequest& request, const StockView& view,
           runtime::FieldChecker& check, StockSubmission& submission);
void Parse(const v1::BindReservationRequest& request, const StockView& view,
           runtime::FieldChecker& check, StockSubmission& submission);
void Parse(const v1::ReleaseReservationRequest& request, const StockView& view,
           runtime::FieldChecker& check, StockSubmission& submission);
void Parse(const v1::FulfilReservationRequest& request, const StockView& view,
           runtime::FieldChecker& check, StockSubmission& submission);
void Parse(const v1::SetPoolRequest& request, const StockView& view, runtime::FieldChecker& check,
           StockSubmission& submission);
void Parse(const v1::ChangeConditionRequest& request, const StockView& view,
           runtime::FieldChecker& check, StockSubmission& submission);
void Parse(const v1::SetStockPolicyRequest& request, const StockView& view,
           runtime::FieldChecker& check, StockSubmission& submission);
void Parse(const v1::SetChannelRequest& request, const StockView& view,
           runtime::FieldChecker& check, StockSubmission& submission);
void Parse(const v1::SetAllotmentRequest& request, const StockView& view,
           runtime::FieldChecker& check, StockSubmission& submission);
void Parse(const v1::GetReservationRequest& request, const StockView& view,
           runtime::FieldChecker& check, StockSubmission& submission);
void Parse(const v1::ListReservationsRequest& request, const StockView& view,
           runtime::FieldChecker& check, StockSubmission& submission);

// A fact that is malformed does not stop the others: `errors` gets an entry for each adjustment,
// and the submission a fact for each that has none.
void ParseFacts(const v1::AdjustStockRequest& request, runtime::FieldChecker& check,
                std::vector<std::optional<runtime::RpcError>>& errors, StockSubmission& submission);

// Checks the form of a list of keys.
void CheckKeys(const google::protobuf::RepeatedPtrField<v1::AvailabilityKey>& keys, int keys_min,
               runtime::FieldChecker& check);
// Looks up the names of checked keys. False if one is unknown (FindUnknownName tells which).
bool ResolveKeys(const google::protobuf::RepeatedPtrField<v1::AvailabilityKey>& keys,
                 const Inventory& inventory, std::vector<StockKey>& resolved);

// INVALID_FIELD if the keys are more SKUs at locations than one cut may look at; a key with a pool
// counts as many as the pool has locations.
std::optional<runtime::RpcError> TooManyPositions(const std::vector<StockKey>& resolved,
                                                  const Inventory& inventory);

// Each line is called by its id, or else by its index, which is then no other line's id.
void CheckLineIds(const char* field, int size,
                  const std::function<const std::string&(int)>& line_id,
                  runtime::FieldChecker& check);

// "r42" <-> 42. kNone for what is no reservation's id.
ReservationId ReservationIdOf(std::string_view id);
std::string ReservationName(ReservationId id);

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_RPC_STOCK_REQUESTS_H_
