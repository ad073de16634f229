//! Reads a small template with every supported form, and refuses broken ones by name.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::{Pollers, Template, Trigger};

const TEMPLATE: &str = r#"
Metadata:
  Shared: &batches { BatchSize: 10, MaximumRetryAttempts: 7 }
  Whenever:
    Topics: { things: { Partitions: 2 } }
    Deadlines: [{ Table: !Ref Things, Index: due }]
    DeadLetters: !Ref Things
    Outside: { elsewhere: Brokers }
Parameters:
  Brokers: { Type: String, Default: "" }
  Seconds: { Type: Number, Default: 5, MinValue: 0.1 }
  Cluster: { Type: String, Default: "arn:aws:kafka:us-east-1:111122223333:cluster/x/y" }
Rules:
  Quick:
    RuleCondition: !Equals [!Ref Seconds, "0.5"]
    Assertions: [{ Assert: !Equals [!Ref Brokers, ""], AssertDescription: Seconds 0.5 needs no Brokers. }]
  OfDefaults: { Assertions: [{ Assert: !Not [!Equals [!Ref Brokers, ""]] }] }
Conditions:
  NotManaged: !Not [!Condition Managed]
  Managed: !Equals [!Ref Brokers, ""]
Globals:
  Function:
    Timeout: 20
    Environment:
      Variables: { LEVEL: info, SECONDS: !Ref Seconds }
Resources:
  Echo:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/echo/
      MemorySize: 256
      Environment:
        Variables:
          LEVEL: debug
          TABLE: !Ref Things
          WHERE: !Sub "${AWS::Region}/${Things.Arn}/${!x}"
          GONE: !If [NotManaged, "x", !Ref "AWS::NoValue"]
          LIST: !Join ["-", [a, !Select [1, !Split [",", "b,c"]]]]
      Policies: [{ Statement: { Condition: !Transform x } }]
      Events:
        Get: { Type: HttpApi, Properties: { Method: get, Path: "/things/{id}" } }
        Tick: { Type: ScheduleV2, Properties: { ScheduleExpression: rate(1 minute), Input: "{}" } }
        Feed:
          Type: DynamoDB
          Properties: { Stream: !GetAtt Things.StreamArn, StartingPosition: TRIM_HORIZON, ParallelizationFactor: 2 }
  Trigger:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      <<: *batches
      FunctionName: !GetAtt Echo.Arn
      EventSourceArn: !If [Managed, !Ref Cluster, !Ref "AWS::NoValue"]
      Topics: [things]
      StartingPosition: TRIM_HORIZON
      MaximumBatchingWindowInSeconds: 0
      MaximumRetryAttempts: 3
      FunctionResponseTypes: [ReportBatchItemFailures]
      FilterCriteria: { Filters: [{ Pattern: '{"value":{"type":["A"]}}' }] }
      DestinationConfig: { OnFailure: { Destination: "kafka://dead-letters" } }
      AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: echo-things }
      ProvisionedPollerConfig: { MinimumPollers: 2, MaximumPollers: 4, PollerGroupName: !Ref "AWS::StackName" }
  Put: { Type: AWS::ApiGatewayV2::Route, Properties: { RouteKey: "PUT /things", Target: !Sub "integrations/${Whole}" } }
  Whole: { Type: AWS::ApiGatewayV2::Integration, Properties: { IntegrationUri: !GetAtt Echo.Arn } }
  Things:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Sub "${AWS::StackName}-things"
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions:
        - { AttributeName: id, AttributeType: S }
        - { AttributeName: shard, AttributeType: S }
        - { AttributeName: dueAt, AttributeType: S }
      KeySchema: [{ AttributeName: id, KeyType: HASH }]
      GlobalSecondaryIndexes:
        - IndexName: due
          KeySchema: [{ AttributeName: dueAt, KeyType: RANGE }, { AttributeName: shard, KeyType: HASH }]
          Projection: { ProjectionType: KEYS_ONLY }
      StreamSpecification: { StreamViewType: NEW_IMAGE }
      TimeToLiveSpecification: { AttributeName: expiresAt, Enabled: true }
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true }
  Ignored: { Type: "AWS::IAM::Role", Properties: { X: !ImportValue y } }
  Late: { Type: "AWS::CloudWatch::Alarm", Properties: { MetricName: IteratorAge } }
  Absent: { Type: "AWS::Lambda::Function", Condition: NotManaged }
"#;

fn parse(text: &str) -> Result<Template, String> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/foreign"));
    let values = BTreeMap::from([("Seconds".to_owned(), "0.5".to_owned())]);
    Template::parse(text, &folder, &values).map_err(|error| error.to_string())
}

/// The error after one replacement.
fn refusal(from: &str, to: &str) -> String {
    assert!(TEMPLATE.contains(from), "{from} is not in the template");
    parse(&TEMPLATE.replace(from, to)).unwrap_err()
}

#[test]
fn a_function_has_its_environment_limits_and_triggers() {
    let template = parse(TEMPLATE).unwrap();
    let [echo] = template.functions.as_slice() else { panic!("{template:?}") };
    assert_eq!((echo.name.as_str(), echo.logical_id.as_str()), ("echo", "Echo"));
    assert_eq!((echo.timeout, echo.memory_mib, echo.concurrency), (Duration::from_secs(20), 256, 4));
    let environment: Vec<_> = echo.environment.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let table = "arn:aws:dynamodb:us-east-1:000000000000:table/local-things";
    let place = format!("WHERE=us-east-1/{table}/${{x}}");
    assert_eq!(environment, ["LEVEL=debug", "LIST=a-c", "SECONDS=0.5", "TABLE=local-things", &place]);
    let [Trigger::Stream(feed), Trigger::Http(get), Trigger::Schedule(tick), Trigger::Kafka(kafka), Trigger::Http(put)] =
        echo.triggers.as_slice()
    else {
        panic!("{:?}", echo.triggers)
    };
    assert_eq!((feed.table.as_str(), feed.parallel, feed.polling.window), ("local-things", 2, Duration::ZERO));
    assert_eq!((get.method.as_str(), get.path.as_str()), ("GET", "/things/{id}"));
    assert_eq!((put.method.as_str(), put.path.as_str()), ("PUT", "/things"));
    assert_eq!((tick.period, tick.input.as_deref()), (Duration::from_secs(60), Some("{}")));
    assert_eq!((kafka.topic.as_str(), kafka.group.as_str()), ("things", "echo-things"));
    assert_eq!((kafka.polling.batch_size, kafka.polling.retries, kafka.polling.record_age), (10, Some(3), None));
    assert!(kafka.polling.partial_answers && kafka.polling.from_start && kafka.polling.enabled);
    assert_eq!(kafka.polling.on_failure.as_deref(), Some("dead-letters"));
    assert!(!kafka.polling.filter.is_empty());
    assert_eq!(kafka.pollers, Some(Pollers { minimum: 2, group: Some("local".to_owned()) }));
    assert_eq!(template.alarms, 1);
}

#[test]
fn a_table_has_its_keys_indexes_stream_and_ttl() {
    let template = parse(TEMPLATE).unwrap();
    let [things] = template.tables.as_slice() else { panic!("{template:?}") };
    assert_eq!((things.name.as_str(), things.key.as_slice()), ("local-things", ["id".to_owned()].as_slice()));
    assert_eq!(things.indexes[0].key, ["shard", "dueAt"]);
    assert_eq!(things.indexes[0].projection, "KEYS_ONLY");
    assert_eq!((things.stream.as_deref(), things.ttl.as_deref()), (Some("NEW_IMAGE"), Some("expiresAt")));
    assert!(things.backed_up);
    assert_eq!(template.dead_letters.as_deref(), Some("local-things"));
    assert_eq!(template.deadlines[0].index, "due");
    assert_eq!((template.outside[0].name.as_str(), template.outside[0].parameter.as_str()), ("elsewhere", "Brokers"));
    let topics: Vec<_> = template.topics.iter().map(|topic| (topic.name.as_str(), topic.partitions)).collect();
    assert_eq!(topics, [("things", 2), ("dead-letters", 4)]);
}

#[test]
fn what_does_not_run_here_is_refused_by_resource_and_property() {
    for (from, to, expected) in [
        ("functions/echo/", "functions/nope/", "Echo.Properties.CodeUri: there is no folder functions/nope/"),
        ("Path: \"/things/{id}\"", "Path: things", "Echo.Properties.Events.Get.Properties.Path: things does not"),
        ("Type: ScheduleV2", "Type: SQS", "Echo.Properties.Events.Tick.Type: SQS is not supported"),
        ("rate(1 minute)", "cron(0 * * * ? *)", "Events.Tick.Properties.ScheduleExpression: cron"),
        ("CodeUri: functions/echo/", "Handler: x", "Echo.Properties.CodeUri: is missing"),
        ("Timeout: 20", "Timeout: soon", "Echo.Properties.Timeout: needs a whole number, not soon"),
        ("Timeout: 20", "Timeout: 0", "Echo.Properties.Timeout: needs a number from 1 to 900, not 0"),
        ("!Ref Seconds", "!Ref Second", "Globals.Function.Environment.Variables.SECONDS.Ref: Second is neither"),
        ("!Ref Seconds", "!GetAZs x", "SECONDS.Fn::GetAZs: this intrinsic function is not supported"),
        ("!Sub \"${AWS::Region}/${Things.Arn}/${!x}\"", "!Sub \"${Nope}\"", "WHERE.Fn::Sub: Nope is neither"),
        ("Topics: [things]", "Topics: []", "Trigger.Properties.Topics: needs a list of exactly one"),
        ("Topics: [things]", "Queues: [things]", "Trigger.Properties.EventSourceArn: arn:aws:kafka"),
        ("\"A\"", "{\"wildcard\":\"*\"}", "Trigger.Properties.FilterCriteria.Filters: pattern"),
        ("!GetAtt Echo.Arn", "other", "Trigger.Properties.FunctionName: other is not a function"),
        ("kafka://dead-letters", "arn:aws:sqs:x", "Trigger.Properties.DestinationConfig.Destination: arn:aws:sqs:x"),
        ("<<: *batches", "<<: 3", "a merge key <<: "),
        ("BatchSize: 10", "BatchSize: 0", "Trigger.Properties.BatchSize: needs a number from 1 to 10000"),
        ("Condition: NotManaged", "Condition: Managed", "Absent.Type: AWS::Lambda::Function does not run here"),
        ("[!Condition Managed]", "[!Condition Manged]", "Conditions.NotManaged.Fn::Not.Condition: Conditions has no"),
        ("AttributeName: shard, A", "AttributeName: sherd, A", "Things.Properties.AttributeDefinitions: has no type"),
        ("StreamSpecification:", "Nothing:", "Echo: reads the stream of table local-things"),
        ("Index: due", "Index: soon", "Metadata.Whenever.Deadlines.0: the table local-things with an index soon"),
        (
            "elsewhere: Brokers",
            "elsewhere: Broker",
            "Metadata.Whenever.Outside.elsewhere: \"Broker\" is not a parameter",
        ),
        ("Seconds: { Type", "Secs: { Type", "Parameters.Seconds: a value was given"),
        (
            "Assert: !Equals [!Ref Brokers, \"\"]",
            "Assert: !Equals [!Ref Brokers, x]",
            "Rules.Quick: Seconds 0.5 needs no",
        ),
        ("PUT /things", "PUT things", "Put.Properties.RouteKey: things does not start with /"),
        ("${Whole}", "${Echo}", "Put.Properties.Target: integrations/echo is no integration"),
        (
            "IntegrationUri: !GetAtt Echo.Arn",
            "IntegrationUri: x",
            "Whole.Properties.IntegrationUri: x is not a function",
        ),
        ("MinValue: 0.1", "MinValue: 1", "Parameters.Seconds: needs at least 1, not 0.5"),
        ("MinValue: 0.1", "AllowedValues: [1, 2]", "Parameters.Seconds: 0.5 is not allowed; use one of 1, 2"),
        ("Default: \"\"", "Description: x", "Parameters.Brokers: has no value"),
    ] {
        let refusal = refusal(from, to);
        assert!(refusal.contains(expected), "{to}: {refusal}");
    }
}
