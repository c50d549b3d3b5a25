#pragma once

#include <map>
#include <string>
#include <vector>

#include "cluster/cluster.h"
#include "cluster/ports.h"
#include "cluster/scratch.h"

namespace seatsaga::cluster {

// A running Cluster on ports and in a folder of its own, for one Catch2 test case. Short retries.
// Its folder, with databases and logs, is kept when the test case has failed, and its path printed.
class TestCluster {
 public:
  using Flags = std::map<Service, std::vector<std::string>>;

  // Starts all four servers; fails the test if one does not start.
  explicit TestCluster(Flags flags = {});

  Cluster& operator*() { return cluster_; }
  Cluster* operator->() { return &cluster_; }
  Clients& clients() { return cluster_.clients(); }

 private:
  // Keeps the folder, also when a server of it does not start.
  struct KeepIfFailed {
    ScratchFolder& folder;
    ~KeepIfFailed();
  };

  ScratchFolder folder_;
  KeepIfFailed keep_if_failed_{folder_};
  PortBlock ports_;
  Cluster cluster_;
};

// Fails the test case unless the cluster comes to rest and its audit finds nothing.
void RequireCleanAudit(Cluster& cluster);

}  // namespace seatsaga::cluster
