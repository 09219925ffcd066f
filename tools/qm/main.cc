// qm: the command line of Quartermaster. Only wires; commands/ has the commands.
#include "tools/qm/cli.h"
#include "tools/qm/commands/commands.h"

int main(int argc, char** argv) {
  quartermaster::qm::Cli cli;
  quartermaster::qm::AddStatusCommand(cli);
  quartermaster::qm::AddImportCommands(cli);
  quartermaster::qm::AddStockCommands(cli);
  quartermaster::qm::AddPoolCommands(cli);
  quartermaster::qm::AddHoldCommands(cli);
  quartermaster::qm::AddReservationCommands(cli);
  quartermaster::qm::AddOrderCommands(cli);
  quartermaster::qm::AddTaskCommands(cli);
  quartermaster::qm::AddReturnCommands(cli);
  quartermaster::qm::AddExceptionCommands(cli);
  quartermaster::qm::AddRouteCommands(cli);
  quartermaster::qm::AddEventCommands(cli);
  quartermaster::qm::AddVerifyCommand(cli);
  return cli.Run(argc, argv);
}
