// Logger: lines for operators, human or JSON, to standard error. A message is a fixed text; what
// varies goes into fields, so that lines can be counted and searched.
//
//   Logger log({.format = LogFormat::kJson, .level = LogLevel::kInfo});
//   log.Info("listening", {{"address", "127.0.0.1:7400"}, {"port", port}});
//   // {"time":"2026-11-22T12:00:00.000001Z","level":"info","message":"listening",...}
//
// No line holds personal data: fields are ids, numbers, names of ours and status messages.
#ifndef QUARTERMASTER_SERVICES_RUNTIME_LOGGING_H_
#define QUARTERMASTER_SERVICES_RUNTIME_LOGGING_H_

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace quartermaster::runtime {

enum class LogFormat { kHuman, kJson };
enum class LogLevel { kDebug, kInfo, kWarning, kError };

struct LogOptions {
  LogFormat format = LogFormat::kHuman;
  LogLevel level = LogLevel::kInfo;
  // Lines that wait for the writing thread. When it is full the oldest is dropped and counted: a
  // slow terminal never holds up an order.
  size_t queue_lines_max = 8'192;
};

// A key and a value, both only for the length of the call.
class LogField {
 public:
  LogField(std::string_view key, std::string_view value) : key_(key), value_(value) {}
  LogField(std::string_view key, const std::string& value)
      : LogField(key, std::string_view(value)) {}
  LogField(std::string_view key, const char* value) : LogField(key, std::string_view(value)) {}
  LogField(std::string_view key, bool value) : key_(key), value_(value) {}
  LogField(std::string_view key, double value) : key_(key), value_(value) {}
  template <std::integral Integer>
  requires(!std::same_as<Integer, bool>) LogField(std::string_view key, Integer value)
      : key_(key), value_(static_cast<int64_t>(value)) {}

  std::string_view key() const { return key_; }
  const std::variant<std::string_view, int64_t, double, bool>& value() const { return value_; }

 private:
  std::string_view key_;
  std::variant<std::string_view, int64_t, double, bool> value_;
};

using LogFields = std::initializer_list<LogField>;

// Thread-safe. Warnings and below are written by a thread of the logger's; an error is written
// before the call returns, since the process may end right after it.
class Logger {
 public:
  explicit Logger(LogOptions options);
  // For tests: lines, without their line end, go to `sink`, which the logger calls from several
  // threads, one at a time.
  Logger(LogOptions options, std::function<void(const std::string&)> sink);
  // Writes what waits.
  ~Logger();

  bool Logs(LogLevel level) const { return level >= level_; }
  void Debug(std::string_view message, LogFields fields = {}) {
    if (Logs(LogLevel::kDebug)) Log(LogLevel::kDebug, message, fields);
  }
  void Info(std::string_view message, LogFields fields = {}) {
    if (Logs(LogLevel::kInfo)) Log(LogLevel::kInfo, message, fields);
  }
  void Warning(std::string_view message, LogFields fields = {}) {
    if (Logs(LogLevel::kWarning)) Log(LogLevel::kWarning, message, fields);
  }
  void Error(std::string_view message, LogFields fields = {}) {
    Log(LogLevel::kError, message, fields);
  }

  // How many lines were dropped because the queue was full.
  uint64_t dropped() const;

 private:
  struct Sink;
  Logger(LogOptions options, std::unique_ptr<Sink> sink);
  void Log(LogLevel level, std::string_view message, LogFields fields);

  const LogFormat format_;
  const LogLevel level_;
  const std::unique_ptr<Sink> sink_;
};

}  // namespace quartermaster::runtime

#endif  // QUARTERMASTER_SERVICES_RUNTIME_LOGGING_H_
