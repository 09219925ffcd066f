// The small languages of the command line: durations, points, lines, times.
#ifndef QUARTERMASTER_TOOLS_QM_INPUT_VALUES_H_
#define QUARTERMASTER_TOOLS_QM_INPUT_VALUES_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quartermaster::qm {

// "500ms", "30s", "15m", "2h", "7d"; a bare number is seconds. Not negative.
std::optional<std::chrono::microseconds> ParseDuration(std::string_view text);

// The whole text as a decimal number, in range.
std::optional<int64_t> ParseInteger(std::string_view text);
std::optional<double> ParseNumber(std::string_view text);
// "true", "yes", "1" and "false", "no", "0".
std::optional<bool> ParseBool(std::string_view text);

struct Point {
  double latitude = 0;
  double longitude = 0;
};
// "46.77,23.59": degrees.
std::optional<Point> ParsePoint(std::string_view text);

// Where units come from: one of them.
struct Place {
  std::string location_id;
  std::string pool_id;
  std::string channel_id;

  bool empty() const { return location_id.empty() && pool_id.empty() && channel_id.empty(); }
};

// "SKU:QUANTITY", with "@LOCATION", "@pool:POOL" or "@channel:CHANNEL" if there is a place. The
// last '@' and the last
// ':' before it separate, so that a SKU may hold both.
struct LineSpec {
  std::string sku;
  int32_t quantity = 0;
  std::optional<Place> place;
};
std::optional<LineSpec> ParseLine(std::string_view text);

// "LINE[//COMPONENT]:QUANTITY[@LOCATION]".
struct PartSpec {
  std::string line_id;
  // Of a kit's line: only this part of it.
  std::string component;
  int64_t quantity = 0;
  std::string location_id;
};
std::optional<PartSpec> ParsePart(std::string_view text);

// "pool:POOL", "channel:CHANNEL" or a location's id.
Place ParsePlace(std::string_view text);

// At the separator, blanks around the parts taken off, empty parts left out.
std::vector<std::string> SplitList(std::string_view text, char separator);

// 1 to 64 bytes of valid UTF-8 without control characters: what the server takes as an id. Null if
// it is one, else what is wrong.
const char* IdProblem(std::string_view id);
bool IsValidUtf8(std::string_view text);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_INPUT_VALUES_H_
