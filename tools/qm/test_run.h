// RunQm: a whole command line of qm, in a test.
//
//   const Ran ran = RunQm({"status", "--address", address});
//   EXPECT_EQ(ran.code, kOk) << ran.err;
#ifndef QUARTERMASTER_TOOLS_QM_TEST_RUN_H_
#define QUARTERMASTER_TOOLS_QM_TEST_RUN_H_

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/commands.h"

namespace quartermaster::qm {

struct Ran {
  int code = 0;
  std::string out, err;
};

inline Ran RunQm(std::vector<std::string> words) {
  words.insert(words.begin(), "qm");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  Cli cli;
  AddAllCommands(cli);
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Ran ran;
  ran.code = cli.Run(static_cast<int>(argv.size()), argv.data());
  ran.out = testing::internal::GetCapturedStdout();
  ran.err = testing::internal::GetCapturedStderr();
  return ran;
}

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_TEST_RUN_H_
