#!/usr/bin/env bash
# Apache Kafka 4.1 on this machine's loopback, one node, without Docker.
#
#   localstack/kafka.sh start [--port N] [--dir DIR]    prints its address once it answers; port 0 takes a free one
#   localstack/kafka.sh start --secured [...]           the same, with ports for SCRAM and IAM over TLS: a line for each
#   localstack/kafka.sh user NAME PASSWORD [--dir DIR]  makes a user of a secured one, or gives them another password
#   localstack/kafka.sh stop [--dir DIR]
#   localstack/kafka.sh status [--dir DIR]
#   localstack/kafka.sh fetch                           only what the first start would fetch
#
# Needs Java 17 or newer; the first start also needs Maven, which fetches Kafka from Maven Central (or the mirror of your
# settings.xml). Everything is kept in the checkout: the jars in target/kafka/lib, the topics in DIR (target/kafka/node).
# A secured one needs a JDK. It knows the user whenever (password: secret) and one role of us-east-1, by its credentials
# (id: AKIDEXAMPLE, secret: EXAMPLEKEY, session: EXAMPLESESSION); DIR/ca.pem has signed its certificate.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cache=$(dirname "$here")/target/kafka
jars=$cache/lib

# shellcheck source=localstack/loopback.sh
. "$here/loopback.sh"
usage() { sed -n '2,14p' "$0" | sed 's/^# \{0,1\}//' >&2; exit 2; }

# The process that runs on DIR, if there is one.
running() { process_of "$dir/pid" "$dir/server.properties"; }

# The address; of a secured one a line for each way in.
address() {
  local listeners
  listeners=$(sed -n 's/^advertised.listeners=//p' "$dir/server.properties")
  case $listeners in
    *,*) tr ',' '\n' <<<"$listeners" | sed 's/:\/\// /' ;;
    *) echo "${listeners#PLAINTEXT://}" ;;
  esac
}

find_java() {
  java=${JAVA_HOME:+$JAVA_HOME/bin/}java
  local install="install Java 17 or newer, such as openjdk-17-jre-headless (Debian) or openjdk (Homebrew)"
  command -v "$java" >/dev/null || fail "there is no java; $install"
  local version
  version=$("$java" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1)
  [ "${version:-0}" -ge 17 ] || fail "$java is version ${version:-unknown}; $install"
}

# What a secured one needs beyond: the class that takes tokens, and a certificate that is its own authority.
secure() {
  local tools=${JAVA_HOME:+$JAVA_HOME/bin/}
  command -v "${tools}javac" >/dev/null || fail "there is no javac; install a JDK, such as openjdk-17-jdk-headless"
  "${tools}javac" -cp "$jars/*" -d "$dir/classes" "$here/kafka/RoleTokens.java" || fail "RoleTokens.java is not compiled"
  rm -f "$dir/keys.p12"
  local store=(-keystore "$dir/keys.p12" -storetype PKCS12 -storepass whenever -alias broker)
  "${tools}keytool" -genkeypair "${store[@]}" -keyalg EC -groupname secp256r1 -validity 365 -dname CN=whenever \
    -ext bc:c -ext san=ip:127.0.0.1,dns:localhost 2>/dev/null &&
    "${tools}keytool" -exportcert "${store[@]}" -rfc >"$dir/ca.pem" 2>/dev/null || fail "no certificate can be made"
}

# The jars of jars.sha256, all of them and nothing else in their place.
verified() {
  local sums=$here/kafka/jars.sha256
  if command -v sha256sum >/dev/null; then (cd "$jars" && sha256sum --check --status "$sums")
  else (cd "$jars" && shasum -a 256 --check --status "$sums"); fi
}

fetch() {
  if [ -d "$jars" ] && verified 2>/dev/null; then return; fi
  command -v mvn >/dev/null || fail "there is no mvn to fetch Kafka with; install Maven, such as the package maven"
  say "fetching Kafka from Maven Central (43 MB, once) ..."
  rm -rf "$jars"
  mkdir -p "$cache"
  mvn -q -B -Dstyle.color=never -f "$here/kafka/pom.xml" -Dmaven.repo.local="$cache/repository" -DoutputDirectory="$jars" \
    org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies >"$cache/maven.log" 2>&1 </dev/null ||
    fail "Kafka could not be fetched: $(grep -m 1 ERROR "$cache/maven.log" || tail -n 1 "$cache/maven.log")"
  rm -rf "$cache/repository"
  verified || { rm -rf "$jars"; fail "what was fetched is not what $here/kafka/jars.sha256 names; it was deleted"; }
}

configure() {
  local controller ways=PLAINTEXT://127.0.0.1:$port
  controller=$(free_port)
  if [ -n "$secured" ]; then ways=$ways,SCRAM://127.0.0.1:$(free_port),IAM://127.0.0.1:$(free_port); fi
  cat >"$dir/server.properties" <<END
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listeners=$ways,CONTROLLER://127.0.0.1:$controller
advertised.listeners=$ways
log.dirs=$dir/data
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=5
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
END
  [ -z "$secured" ] || cat >>"$dir/server.properties" <<END
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SCRAM:SASL_SSL,IAM:SASL_SSL
ssl.keystore.location=$dir/keys.p12
ssl.keystore.type=PKCS12
ssl.keystore.password=whenever
listener.name.scram.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.scram.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.scram.scram-sha-512.connections.max.reauth.ms=3000
listener.name.iam.sasl.enabled.mechanisms=OAUTHBEARER
listener.name.iam.oauthbearer.sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;
listener.name.iam.oauthbearer.sasl.server.callback.handler.class=RoleTokens
listener.name.iam.oauthbearer.connections.max.reauth.ms=900000
END
}

start() {
  local pid
  if pid=$(running); then
    [ -z "$port" ] || [ "$port" = 0 ] || [ "127.0.0.1:$port" = "$(address)" ] ||
      fail "Kafka runs in $dir already, at $(address) (pid $pid); stop it first, or choose another --dir"
    say "Kafka runs already (pid $pid)"
    address
    return
  fi
  port=${port:-9092}
  find_java
  if [ "$port" = 0 ]; then port=$(free_port); fi
  ! taken "$port" || fail "port $port is taken; stop what listens there, or choose another with --port"
  fetch
  mkdir -p "$dir"
  [ -z "$secured" ] || secure
  configure
  local user=()
  if [ -n "$secured" ]; then user=(--add-scram 'SCRAM-SHA-512=[name=whenever,password=secret]'); fi
  local quiet=(-Dorg.slf4j.simpleLogger.defaultLogLevel=warn -Dorg.slf4j.simpleLogger.showDateTime=true
    '-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss')
  if [ ! -e "$dir/data/meta.properties" ]; then
    "$java" "${quiet[@]}" -cp "$jars/*" kafka.tools.StorageTool format -t whenever-local-stack-A \
      -c "$dir/server.properties" "${user[@]}" >"$dir/kafka.log" 2>&1 </dev/null ||
      fail "$dir cannot be made ready: $(tail -n 1 "$dir/kafka.log")"
  fi
  nohup "$java" -Xms512m -Xmx512m -XX:+UseSerialGC "${quiet[@]}" \
    -Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info \
    -Drole.id=AKIDEXAMPLE -Drole.secret=EXAMPLEKEY -Drole.session=EXAMPLESESSION -Drole.region=us-east-1 \
    -cp "$dir/classes:$jars/*" kafka.Kafka "$dir/server.properties" >"$dir/kafka.log" 2>&1 </dev/null &
  pid=$!
  echo "$pid" >"$dir/pid"
  for _ in {1..600}; do
    if grep -q "Kafka Server started" "$dir/kafka.log"; then
      say "Kafka runs (pid $pid)"
      address
      return
    fi
    kill -0 "$pid" 2>/dev/null || fail "Kafka ended at once; $dir/kafka.log says why: $(tail -n 1 "$dir/kafka.log")"
    sleep 0.1
  done
  kill "$pid"
  fail "Kafka did not answer within 60 s; $dir/kafka.log says more"
}

stop() {
  local pid
  pid=$(running) || { say "no Kafka runs in $dir"; return; }
  kill -TERM "$pid"
  for _ in {1..300}; do
    if ! running >/dev/null; then
      rm -f "$dir/pid"
      say "Kafka stopped"
      return
    fi
    sleep 0.1
  done
  fail "Kafka (pid $pid) did not stop within 30 s; $dir/kafka.log may say why"
}

# A user of a secured one, with this password from now on.
user() {
  running >/dev/null || fail "no Kafka runs in $dir"
  find_java
  "$java" -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "$jars/*" kafka.admin.ConfigCommand --bootstrap-server "$(address | sed -n 's/^PLAINTEXT //p')" --alter \
    --entity-type users --entity-name "$1" --add-config "SCRAM-SHA-512=[password=$2]" >"$dir/user.log" 2>&1 </dev/null ||
    fail "the user cannot be made: $(grep -m 1 Error "$dir/user.log" || tail -n 1 "$dir/user.log")"
}

status() {
  local pid
  pid=$(running) || { say "no Kafka runs in $dir"; exit 1; }
  say "Kafka runs (pid $pid)"
  address
}

[ $# -gt 0 ] || usage
command=$1
shift
port= dir=$cache/node secured= named=()
if [ "$command" = user ]; then
  [ $# -gt 1 ] || usage
  named=("$1" "$2")
  shift 2
fi
while [ $# -gt 0 ]; do
  if [ "$1" = --secured ]; then
    secured=1
    shift
    continue
  fi
  [ $# -gt 1 ] || usage
  case $1 in
    --port) port=$2 ;;
    --dir) mkdir -p "$2" && dir=$(cd "$2" && pwd) || fail "$2 cannot be used" ;;
    *) usage ;;
  esac
  shift 2
done
case $port in *[!0-9]*) fail "--port needs a number, not $port" ;; esac
case $command in
  start) start ;;
  fetch) find_java; fetch ;;
  stop) stop ;;
  status) status ;;
  user) user "${named[@]}" ;;
  *) usage ;;
esac
