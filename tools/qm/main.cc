// qm: the command line of Quartermaster. Only wires; commands/ has the commands.
#include "tools/qm/cli.h"
#include "tools/qm/commands/commands.h"

int main(int argc, char** argv) {
  quartermaster::qm::Cli cli;
  quartermaster::qm::AddAllCommands(cli);
  return cli.Run(argc, argv);
}
