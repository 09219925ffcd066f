#include "services/runtime/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/runtime/server_options.h"

namespace quartermaster::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

class OptionsTest : public ::testing::Test {
 protected:
  ~OptionsTest() override {
    if (!path_.empty()) unlink(path_.c_str());
  }

  // A file with this content; its path is in path_.
  void WriteFile(const std::string& content) {
    char name[] = "/tmp/qm_options_test_XXXXXX";
    const int fd = mkstemp(name);
    ASSERT_GE(fd, 0);
    close(fd);
    path_ = name;
    std::ofstream(path_) << content;
  }

  absl::StatusOr<OptionsRead> Read(std::vector<std::string> arguments,
                                   std::map<std::string, std::string> environment = {}) {
    if (!path_.empty()) arguments.push_back("--config=" + path_);
    return ReadOptions(table_, arguments, [&](const char* name) -> const char* {
      const auto found = environment.find(name);
      return found == environment.end() ? nullptr : found->second.c_str();
    });
  }
  // The message of the error, the file's path shortened to FILE; "" if there is none.
  std::string ErrorOf(const std::vector<std::string>& arguments,
                      const std::map<std::string, std::string>& environment = {}) {
    std::string message(Read(arguments, environment).status().message());
    if (const size_t at = message.find(path_); !path_.empty() && at != std::string::npos) {
      message.replace(at, path_.size(), "FILE");
    }
    return message;
  }

  ServerOptions values_;
  OptionTable table_ = ServerOptionTable(&values_);
  std::string path_;
};

TEST_F(OptionsTest, DefaultsAreValid) {
  const auto read = Read({"--data-dir=/x"});
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(CheckServerOptions(values_).ok());
  EXPECT_THAT(values_.services, ElementsAre("all"));
  EXPECT_EQ(values_.listen, "127.0.0.1:7400");
  EXPECT_EQ(values_.message_bytes_max, 1 << 20);
  EXPECT_EQ(values_.metadata_bytes_max, 8 << 10);
  EXPECT_EQ(values_.streams_per_connection_max, 100);
  EXPECT_EQ(values_.queue_bytes_max, 64 << 20);
  EXPECT_LT(values_.drain_timeout, Seconds(10));
  EXPECT_EQ(values_.stalled_after, Seconds(900));
  EXPECT_EQ(values_.backorder_interval, Seconds(10));
  EXPECT_FALSE(values_.unsafe_no_sync);
  EXPECT_THAT(ChangedOptions(table_, *read), ElementsAre(Pair("data-dir", "/x")));
}

TEST_F(OptionsTest, FlagsGoBeforeEnvironmentBeforeFileBeforeDefault) {
  WriteFile(
      "# comment\n"
      "queue_commands_max = 3\n"
      "queue_bytes_max = '3MiB'\n"
      "data_dir = '/file'\n"
      "services = ['stock', 'catalog']\n"
      "reflection = false\n");
  const auto read = Read({"--queue-commands-max", "1", "--unsafe-no-sync"},
                         {{"QUARTERMASTER_QUEUE_COMMANDS_MAX", "2"},
                          {"QUARTERMASTER_QUEUE_BYTES_MAX", "2MiB"},
                          {"QUARTERMASTER_UNRELATED", "x"}});
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(values_.queue_commands_max, 1);
  EXPECT_EQ(values_.queue_bytes_max, 2 << 20);
  EXPECT_EQ(values_.data_dir, "/file");
  EXPECT_THAT(values_.services, ElementsAre("stock", "catalog"));
  EXPECT_TRUE(Serves(values_, "stock"));
  EXPECT_FALSE(Serves(values_, "orders"));
  EXPECT_FALSE(values_.reflection);
  EXPECT_TRUE(values_.unsafe_no_sync);
  EXPECT_EQ(read->sources.at("queue-commands-max"), "flag");
  EXPECT_EQ(read->sources.at("queue-bytes-max"), "environment");
  EXPECT_EQ(read->sources.at("data-dir"), "file " + path_ + ":4");
  EXPECT_EQ(read->sources.at("listen"), "default");
}

TEST_F(OptionsTest, FormsOfValues) {
  ASSERT_TRUE(Read({"--data-dir", "/x", "--reflection=false", "--services=stock,log",
                    "--drain-timeout=1m30s", "--listen=", "--socket=/s", "--metrics=[::1]:0",
                    "--message-bytes-max=65536"})
                  .ok());
  EXPECT_FALSE(values_.reflection);
  EXPECT_THAT(values_.services, ElementsAre("stock", "log"));
  EXPECT_EQ(values_.drain_timeout, Seconds(90));
  EXPECT_EQ(values_.listen, "");
  EXPECT_EQ(values_.metrics, "[::1]:0");
  EXPECT_EQ(values_.message_bytes_max, 65'536);
}

TEST_F(OptionsTest, WrongFlags) {
  const struct {
    std::vector<std::string> arguments;
    std::string message;
  } kCases[] = {
      {{}, "option --data-dir: is required"},
      {{"--data-dir="}, "flag --data-dir: is required"},
      {{"--data-dir"}, "flag --data-dir: needs a value"},
      {{"--data-dri=/x"}, "flag --data-dri: there is no such option; did you mean --data-dir?"},
      {{"--zebra"}, "flag --zebra: there is no such option"},
      {{"--halp"}, "flag --halp: there is no such option; did you mean --help?"},
      {{"stock"}, "argument \"stock\": only flags are taken: --name=value"},
      {{"-v"}, "argument \"-v\": only flags are taken: --name=value"},
      {{"--queue-commands-max=0"}, "flag --queue-commands-max: must be 1 to 10000000, is \"0\""},
      {{"--queue-commands-max=1e3"},
       "flag --queue-commands-max: must be 1 to 10000000, is \"1e3\""},
      {{"--queue-commands-max=99999999999999999999"},
       "flag --queue-commands-max: must be 1 to 10000000, is \"99999999999999999999\""},
      {{"--queue-bytes-max=1KiB"}, "flag --queue-bytes-max: must be 1MiB to 64GiB, is \"1KiB\""},
      {{"--queue-bytes-max=9223372036854775807GiB"},
       "flag --queue-bytes-max: must be 1MiB to 64GiB, is \"9223372036854775807GiB\""},
      {{"--queue-bytes-max=10MB"}, "flag --queue-bytes-max: must be 1MiB to 64GiB, is \"10MB\""},
      {{"--drain-timeout=9"}, "flag --drain-timeout: must be 0 to 10m, is \"9\""},
      {{"--drain-timeout=inf"}, "flag --drain-timeout: must be 0 to 10m, is \"inf\""},
      {{"--drain-timeout=-1s"}, "flag --drain-timeout: must be 0 to 10m, is \"-1s\""},
      {{"--log-format=xml"}, "flag --log-format: must be human or json, is \"xml\""},
      {{"--reflection=yes"}, "flag --reflection: must be true or false, is \"yes\""},
      {{"--services=stock,stok"},
       "flag --services: must be all, catalog, stock, orders, routing or log, is \"stok\""},
      {{"--services=stock,stock"}, "flag --services: has \"stock\" twice"},
      {{"--services="}, "flag --services: is required"},
      {{"--listen=localhost"},
       "flag --listen: must be host:port with a port of 0 to 65535, is \"localhost\""},
      {{"--listen=:7400"},
       "flag --listen: must be host:port with a port of 0 to 65535, is \":7400\""},
      {{"--listen=h:65536"},
       "flag --listen: must be host:port with a port of 0 to 65535, is \"h:65536\""},
  };
  for (const auto& c : kCases) {
    std::vector<std::string> arguments = c.arguments;
    // After the case's own, so that only the case is wrong.
    if (c.message.find("data-d") == std::string::npos) arguments.push_back("--data-dir=/x");
    EXPECT_EQ(ErrorOf(arguments), c.message);
  }
}

TEST_F(OptionsTest, WrongEnvironment) {
  EXPECT_EQ(ErrorOf({"--data-dir=/x"}, {{"QUARTERMASTER_LOG_LEVEL", "loud"}}),
            "environment QUARTERMASTER_LOG_LEVEL: must be debug, info, warning or error, is "
            "\"loud\"");
}

TEST_F(OptionsTest, WrongFiles) {
  const struct {
    std::string content;
    std::string message;
  } kCases[] = {
      {"\nlisten = '127.0.0.1:1'\n  lisen = 'x'\n",
       "file FILE:3:3: lisen: there is no such option; did you mean listen?"},
      {"queue_commands_max = 0\n",
       "file FILE:1: queue_commands_max: must be 1 to 10000000, is \"0\""},
      {"listen = ['a:1', 'b:2']\n", "file FILE:1: listen: takes one value, not a list"},
      {"services = [1.5]\n", "file FILE:1:1: services: must be a list of texts"},
      {"[listen]\nport = 1\n",
       "file FILE:1:2: listen: must be a text, an integer, true, false or a list"},
      {"config = 'other'\n", "file FILE:1:1: config: a file cannot name another"},
  };
  for (const auto& c : kCases) {
    WriteFile(c.content);
    EXPECT_EQ(ErrorOf({"--data-dir=/x"}), c.message);
    unlink(path_.c_str());
  }
  WriteFile("a = 1\nlisten = \n");
  EXPECT_THAT(ErrorOf({"--data-dir=/x"}), HasSubstr("file FILE:2:"));
  unlink(path_.c_str());
  path_ = "/no/such/file.toml";
  EXPECT_EQ(ErrorOf({"--data-dir=/x"}), "file FILE: cannot be read: No such file or directory");
}

TEST_F(OptionsTest, HelpNamesEverything) {
  ASSERT_TRUE(Read({"--listen=nonsense", "--help"}).ok());
  EXPECT_TRUE(Read({"--help"})->help);
  EXPECT_TRUE(Read({"--version"})->version);
  const std::string help = HelpText(table_, "quartermasterd", "The server.");
  for (const OptionSpec& option : table_) {
    EXPECT_THAT(help, HasSubstr("--" + option.name + "\n      " + option.description + "\n"));
    EXPECT_THAT(help, HasSubstr(OptionVariable(option.name)));
    EXPECT_FALSE(option.description.empty()) << option.name;
  }
  EXPECT_THAT(help, HasSubstr("1 to 10000000; default 16384"));
  EXPECT_THAT(help, HasSubstr("host:port; default 127.0.0.1:7400; for example 127.0.0.1:0"));
}

TEST_F(OptionsTest, ChecksOverSeveralOptions) {
  ASSERT_TRUE(Read({"--data-dir=/x", "--listen="}).ok());
  EXPECT_THAT(std::string(CheckServerOptions(values_).message()), HasSubstr("--socket"));
  ASSERT_TRUE(Read({"--data-dir=/x", "--services=stock,all"}).ok());
  EXPECT_THAT(std::string(CheckServerOptions(values_).message()), HasSubstr("--services"));
}

TEST_F(OptionsTest, WhatAServiceNeedsIsHereOrHasAnAddress) {
  const std::string log = "--log=unix:/l";
  const std::string needs_log = " and log is not among --services";
  const struct {
    std::vector<std::string> arguments;
    std::string message;
  } kCases[] = {
      {{"--services=log"}, ""},
      {{"--services=all", "--log-socket=/l"}, ""},
      {{"--services=log,catalog,stock,orders,routing"}, ""},
      {{"--services=catalog"},
       "option --log: is required, because catalog keeps its events there" + needs_log},
      {{"--services=stock"},
       "option --log: is required, because stock keeps its events there" + needs_log},
      {{"--services=orders"},
       "option --log: is required, because orders keeps its events there" + needs_log},
      {{"--services=routing"},
       "option --log: is required, because routing follows the catalog's events there" + needs_log},
      {{"--services=catalog,stock", log}, ""},
      {{"--services=orders", log},
       "option --stock: is required, because orders holds units there and stock is not among "
       "--services"},
      {{"--services=orders", log, "--stock=s:1"},
       "option --routing: is required, because orders asks it for plans and routing is not among "
       "--services"},
      {{"--services=orders", log, "--stock=s:1", "--routing=r:1"}, ""},
      {{"--services=routing", log},
       "option --stock: is required, because routing follows what is available there and stock is "
       "not among --services"},
      {{"--services=routing", log, "--stock=s:1"},
       "option --orders: is required, because routing reads its decisions there and orders is not "
       "among --services"},
      {{"--services=routing,orders", log, "--stock=s:1"}, ""},
      // An address that nobody here needs is no mistake: processes may share a file of options.
      {{"--services=catalog", log, "--stock=s:1", "--orders=o:1", "--routing=r:1"}, ""},
      {{"--services=log,stock", log}, "option --log: this process runs log itself (--services)"},
      {{log}, "option --log: this process runs log itself (--services)"},
      {{"--services=stock", log, "--unsafe-no-sync"},
       "option --unsafe-no-sync: belongs to the process that runs log"},
      {{"--services=stock", log, "--log-socket=/s"},
       "option --log-socket: belongs to the process that runs log"},
      {{"--services=stock", log, "--log-listen=h:1"},
       "option --log-listen: belongs to the process that runs log"},
  };
  for (const auto& [arguments, message] : kCases) {
    values_ = {};
    std::vector<std::string> all = arguments;
    all.push_back("--data-dir=/x");
    ASSERT_TRUE(Read(all).ok());
    EXPECT_EQ(std::string(CheckServerOptions(values_).message()), message);
  }
}

TEST_F(OptionsTest, AddressesOfOtherProcesses) {
  for (const char* address : {"", "unix:/run/x", "host:1", "[::1]:7400"}) {
    EXPECT_TRUE(Read({"--data-dir=/x", absl::StrCat("--stock=", address)}).ok()) << address;
  }
  for (const char* address : {"unix:", "host", "host:0", ":7400", "host:65536", "/run/x"}) {
    EXPECT_EQ(ErrorOf({"--data-dir=/x", absl::StrCat("--stock=", address)}),
              absl::StrCat("flag --stock: must be unix:/path, or host:port with a port of 1 to "
                           "65535, is \"",
                           address, "\""));
  }
}

TEST_F(OptionsTest, TheLogsSocketIsInTheDataDirectory) {
  const auto socket = [&](std::vector<std::string> arguments) {
    values_ = {};
    arguments.push_back("--data-dir=/x");
    EXPECT_TRUE(Read(arguments).ok());
    return LogSocketOf(values_);
  };
  EXPECT_EQ(socket({"--services=log"}), "/x/log.socket");
  EXPECT_EQ(socket({"--services=log,stock"}), "/x/log.socket");
  EXPECT_EQ(socket({"--services=log", "--log-socket=/y"}), "/y");
  EXPECT_EQ(socket({"--services=log", "--log-listen=h:1"}), "");
  EXPECT_EQ(socket({"--services=log", "--log-listen=h:1", "--log-socket=/y"}), "/y");
  EXPECT_EQ(socket({"--services=all"}), "");
  EXPECT_EQ(socket({"--services=all", "--log-socket=/y"}), "/y");
  EXPECT_EQ(socket({"--services=stock", "--log=unix:/l"}), "");
}

TEST_F(OptionsTest, Conversions) {
  ASSERT_TRUE(Read({"--data-dir=/x", "--log-format=json", "--log-level=warning"}).ok());
  EXPECT_EQ(LogOptionsOf(values_).format, LogFormat::kJson);
  EXPECT_EQ(LogOptionsOf(values_).level, LogLevel::kWarning);
  const GrpcServerOptions grpc = GrpcOptionsOf(values_, nullptr);
  EXPECT_EQ(grpc.listen, "127.0.0.1:7400");
  EXPECT_EQ(grpc.message_bytes_max, 1 << 20);
  EXPECT_TRUE(grpc.reflection);
}

}  // namespace
}  // namespace quartermaster::runtime
