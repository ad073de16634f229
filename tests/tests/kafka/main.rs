//! What only a real broker does: topics that grow while orders are under way, and a broker that is killed and comes back; and
//! the shop on a table store elsewhere. On the embedded broker these tests are left out.

#![cfg(test)]

mod growth;
mod outage;
mod table_store;
mod topics;
