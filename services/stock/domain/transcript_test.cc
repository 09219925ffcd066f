// Every transcript in testdata/ must come out as it stands there. After a change that is meant:
//   QM_REWRITE=1 build/release/tests/stock_domain_test --gtest_filter='*Transcript*'
// and review the difference.
#include "services/stock/domain/testing/transcript.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace quartermaster::stock {
namespace {

TEST(TranscriptTest, EverySessionComesOutAsWritten) {
  std::set<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator("services/stock/domain/testdata")) {
    paths.insert(entry.path());
  }
  EXPECT_GE(paths.size(), 3u);
  for (const std::filesystem::path& path : paths) {
    std::stringstream written;
    written << std::ifstream(path).rdbuf();
    const std::string result = RunTranscript(written.str());
    if (std::getenv("QM_REWRITE") != nullptr) {
      std::ofstream(path) << result;
    } else {
      EXPECT_EQ(result, written.str()) << path;
    }
  }
}

}  // namespace
}  // namespace quartermaster::stock
