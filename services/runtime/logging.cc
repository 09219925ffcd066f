#include "services/runtime/logging.h"

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <mutex>
#include <nlohmann/json.hpp>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"

namespace quartermaster::runtime {
namespace {

constexpr char kHumanPattern[] = "%Y-%m-%dT%H:%M:%S.%fZ %L %v";
// The message and the fields come as the members of an object.
constexpr char kJsonPattern[] = R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ","level":"%l",%v})";

// Hands finished lines to a function.
class FunctionSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit FunctionSink(std::function<void(const std::string&)> function)
      : function_(std::move(function)) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    function_(std::string(line.data(), line.size()));
  }
  void flush_() override {}

 private:
  const std::function<void(const std::string&)> function_;
};

spdlog::level::level_enum SpdlogLevel(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      break;
  }
  return spdlog::level::err;
}

std::string JsonText(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string JsonValue(const LogField& field) {
  return std::visit(
      [](const auto& value) -> std::string {
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string_view>) {
          return JsonText(value);
        } else {
          return nlohmann::json(value).dump();
        }
      },
      field.value());
}

// As it is, if it is one plain word; else as JSON does, so that a line stays a line.
std::string HumanValue(const LogField& field) {
  const auto* text = std::get_if<std::string_view>(&field.value());
  if (text == nullptr) return JsonValue(field);
  const bool plain = !text->empty() && text->find_first_of(" \"=\\") == std::string_view::npos;
  for (const char c : *text) {
    if (!plain || static_cast<unsigned char>(c) < 0x20) return JsonText(*text);
  }
  return plain ? std::string(*text) : JsonText(*text);
}

std::string HumanLine(std::string_view message, LogFields fields) {
  std::string line(message);
  for (const LogField& field : fields) {
    line.append(" ").append(field.key()).append("=").append(HumanValue(field));
  }
  return line;
}

std::string JsonLine(std::string_view message, LogFields fields) {
  std::string line = "\"message\":";
  line += JsonText(message);
  for (const LogField& field : fields) {
    line.append(",").append(JsonText(field.key())).append(":").append(JsonValue(field));
  }
  return line;
}

}  // namespace

// Two spdlog loggers over one sink: one that queues, one that writes at once.
struct Logger::Sink {
  Sink(const LogOptions& options, const spdlog::sink_ptr& sink, std::string line_end)
      : pool(std::make_shared<spdlog::details::thread_pool>(options.queue_lines_max, 1)),
        queued(std::make_shared<spdlog::async_logger>(
            "quartermaster", sink, pool, spdlog::async_overflow_policy::overrun_oldest)),
        direct("quartermaster", sink) {
    sink->set_formatter(std::make_unique<spdlog::pattern_formatter>(
        options.format == LogFormat::kJson ? kJsonPattern : kHumanPattern,
        spdlog::pattern_time_type::utc, std::move(line_end)));
    // What is filtered has been filtered before.
    queued->set_level(spdlog::level::trace);
    direct.set_level(spdlog::level::trace);
  }

  // Ends, having written what waits, when the last reference goes.
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::async_logger> queued;
  spdlog::logger direct;
};

Logger::Logger(LogOptions options, std::unique_ptr<Sink> sink)
    : format_(options.format), level_(options.level), sink_(std::move(sink)) {}

Logger::Logger(LogOptions options)
    : Logger(options, std::make_unique<Sink>(
                          options, std::make_shared<spdlog::sinks::stderr_sink_mt>(), "\n")) {}

Logger::Logger(LogOptions options, std::function<void(const std::string&)> sink)
    : Logger(options,
             std::make_unique<Sink>(options, std::make_shared<FunctionSink>(std::move(sink)), "")) {
}

Logger::~Logger() = default;

uint64_t Logger::dropped() const { return sink_->pool->overrun_counter(); }

void Logger::Log(LogLevel level, std::string_view message, LogFields fields) {
  const std::string line =
      format_ == LogFormat::kJson ? JsonLine(message, fields) : HumanLine(message, fields);
  // Through the string_view overload: the line is no format string.
  const spdlog::string_view_t view(line.data(), line.size());
  if (level >= LogLevel::kError) {
    sink_->direct.log(SpdlogLevel(level), view);
    sink_->direct.flush();
  } else {
    sink_->queued->log(SpdlogLevel(level), view);
  }
}

}  // namespace quartermaster::runtime
