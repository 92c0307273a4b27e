#include "requests.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/veth.h>
#include <net/if.h>

static void set_link(struct batch *batch, int index, unsigned flags) {
  struct ifinfomsg *link = begin(batch, RTM_SETLINK, 0, sizeof *link);
  link->ifi_index = index;
  link->ifi_flags = flags;
  link->ifi_change = IFF_UP;
}

void raise_link(struct batch *batch, int index) { set_link(batch, index, IFF_UP); }

void lower_link(struct batch *batch, int index) { set_link(batch, index, 0); }

// The attributes that belong to either end. Without a number of queues a veth makes one for each possible CPU and then
// shrinks to one, which waits for RCU.
static void describe(struct batch *batch, const struct end *end) {
  attribute_text(batch, IFLA_IFNAME, end->name);
  attribute_u32(batch, IFLA_NUM_TX_QUEUES, 1);
  attribute_u32(batch, IFLA_NUM_RX_QUEUES, 1);
  if (end->master != 0)
    attribute_u32(batch, IFLA_MASTER, (uint32_t)end->master);
}

static void new_link(struct batch *batch, const struct end *end) {
  struct ifinfomsg *link = begin(batch, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof *link);
  link->ifi_index = end->index;
  if (end->up)
    link->ifi_flags = link->ifi_change = IFF_UP;
  describe(batch, end);
}

void add_veth(struct batch *batch, struct end end, struct end peer) {
  new_link(batch, &end);
  struct rtattr *info = open_nest(batch, IFLA_LINKINFO);
  attribute_text(batch, IFLA_INFO_KIND, "veth");
  struct rtattr *data = open_nest(batch, IFLA_INFO_DATA);
  struct rtattr *other = open_nest(batch, VETH_INFO_PEER);
  struct ifinfomsg *link = append(batch, NULL, sizeof *link);
  link->ifi_index = peer.index;
  describe(batch, &peer);
  if (peer.namespace >= 0)
    attribute_u32(batch, IFLA_NET_NS_FD, (uint32_t)peer.namespace);
  close_nest(batch, other);
  close_nest(batch, data);
  close_nest(batch, info);
}

void add_bridge(struct batch *batch, struct end end) {
  new_link(batch, &end);
  struct rtattr *info = open_nest(batch, IFLA_LINKINFO);
  attribute_text(batch, IFLA_INFO_KIND, "bridge");
  close_nest(batch, info);
}

void add_address(struct batch *batch, int index, in_addr_t address, uint8_t length) {
  const in_addr_t value = htonl(address);
  struct ifaddrmsg *body = begin(batch, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, sizeof *body);
  body->ifa_family = AF_INET;
  body->ifa_prefixlen = length;
  body->ifa_index = (uint32_t)index;
  attribute(batch, IFA_LOCAL, &value, sizeof value);
  attribute(batch, IFA_ADDRESS, &value, sizeof value);
}

void add_route(struct batch *batch, struct route route) {
  const in_addr_t destination = htonl(route.destination);
  const in_addr_t gateway = htonl(route.gateway);
  struct rtmsg *body = begin(batch, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, sizeof *body);
  body->rtm_family = AF_INET;
  body->rtm_dst_len = route.length;
  body->rtm_table = RT_TABLE_MAIN;
  body->rtm_protocol = RTPROT_BOOT;
  body->rtm_type = RTN_UNICAST;
  body->rtm_scope = route.gateway == 0 ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
  if (route.length > 0)
    attribute(batch, RTA_DST, &destination, sizeof destination);
  if (route.gateway != 0)
    attribute(batch, RTA_GATEWAY, &gateway, sizeof gateway);
  if (route.link != 0)
    attribute_u32(batch, RTA_OIF, (uint32_t)route.link);
  if (route.metric != 0)
    attribute_u32(batch, RTA_PRIORITY, route.metric);
}
