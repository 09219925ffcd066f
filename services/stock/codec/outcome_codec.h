// A command's result <-> the bytes that are remembered with its request id.
#ifndef QUARTERMASTER_SERVICES_STOCK_CODEC_OUTCOME_CODEC_H_
#define QUARTERMASTER_SERVICES_STOCK_CODEC_OUTCOME_CODEC_H_

#include <string>
#include <string_view>

#include "services/stock/domain/commands.h"
#include "services/stock/domain/result.h"

namespace quartermaster::stock {

// Appends to `bytes`. The command is what the result belongs to: what it says already is left out.
void EncodeOutcome(const Command& command, const Result& result, std::string& bytes);

// The result of the same command, remembered. CHECKs that the bytes are an outcome: they come from
// a frame whose checksum was right.
Result DecodeOutcome(const Command& command, std::string_view bytes);

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_CODEC_OUTCOME_CODEC_H_
