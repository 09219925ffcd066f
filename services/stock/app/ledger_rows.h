// The ledger's rows in the service store. Not a format to keep: the store's schema number changes
// with it, and the ledger is then rebuilt from the log.
//
//   'm' sku location record sequence (big endian) -> time kind from to moved in_transit
//                                                    reservation flexible delta after (varints)
//   'c' sku location record sequence (big endian) -> units in each unusable condition (varints),
//                                                    after a movement that changed them
//   't' time (big endian)                         -> head
//   'r' id (big endian)                           -> a reservation that ended (reservation_codec.h)
//   'o' key                                       -> the fingerprint of what must not happen twice
//   'q' ...                                       -> a request's outcome (engine/outcome_archive.h)
//   'l' and 's' are kept for lots and serials, which are not built; the protos keep fields 30 to 39
//   of what is picked, handed over, sold, shipped, received and returned.
#ifndef QUARTERMASTER_SERVICES_STOCK_APP_LEDGER_ROWS_H_
#define QUARTERMASTER_SERVICES_STOCK_APP_LEDGER_ROWS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "services/base/time.h"
#include "services/stock/domain/change.h"
#include "services/stock/domain/ids.h"
#include "storage/frame.h"

namespace quartermaster::stock {

// What the rows mean, and which there are; a ServiceStore of another schema is emptied.
inline constexpr int kLedgerSchema = 6;

inline constexpr char kOutcomePrefix = 'q';

// `sequence` tells the changes that one record made to one position apart.
std::string MovementKey(SkuIndex sku, LocationIndex location, storage::Position record,
                        int sequence);
storage::Position RecordOfMovementKey(std::string_view key);
std::string EncodeMovement(const Change& change, Instant time);
// Fills all but the key's fields. False if the bytes are not a row's.
bool DecodeMovement(std::string_view value, Change& change, Instant& time);

std::string ConditionKey(SkuIndex sku, LocationIndex location, storage::Position record,
                         int sequence);
std::string EncodeConditions(const ConditionCounts& counts);
bool DecodeConditions(std::string_view value, ConditionCounts& counts);

std::string ReservationKey(ReservationId id);
// Behind all of them.
std::string EndOfReservationKeys();

std::string OnceRowKey(std::string_view key);
std::string EndOfOnceRowKeys();

std::string TimeKey(Instant time);
std::string EncodePosition(storage::Position position);
storage::Position DecodePosition(std::string_view value);

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_APP_LEDGER_ROWS_H_
