// Generated from sql/payment_service_db by `npm run types`. Edit the SQL, not this file.
import type { CalendarDate, Insert, Numeric, Timestamp, Update, Uuid } from "./column-types";

/** Values of invoices.currency, payment_transactions.currency, subscriptions.currency. */
export const CURRENCY_VALUES = ["USD", "EUR", "GBP", "JPY"] as const;
export type Currency = (typeof CURRENCY_VALUES)[number];

/** Values of invoices.status. */
export const INVOICE_STATUS_VALUES = ["DRAFT", "OPEN", "PAID", "VOID", "UNCOLLECTIBLE"] as const;
export type InvoiceStatus = (typeof INVOICE_STATUS_VALUES)[number];

/** Values of payment_methods.provider, payment_transactions.provider, payment_webhooks.provider. */
export const PROVIDER_VALUES = ["STRIPE", "PAYPAL", "APPLE_PAY", "GOOGLE_PAY"] as const;
export type Provider = (typeof PROVIDER_VALUES)[number];

/** Values of payment_methods.type. */
export const PAYMENT_METHOD_TYPE_VALUES = ["CARD", "BANK_ACCOUNT", "DIGITAL_WALLET"] as const;
export type PaymentMethodType = (typeof PAYMENT_METHOD_TYPE_VALUES)[number];

/** Values of payment_transactions.status. */
export const PAYMENT_TRANSACTION_STATUS_VALUES = [
  "PENDING",
  "SUCCEEDED",
  "FAILED",
  "CANCELED",
  "REFUNDED",
] as const;
export type PaymentTransactionStatus = (typeof PAYMENT_TRANSACTION_STATUS_VALUES)[number];

/** Values of payment_transactions.type. */
export const PAYMENT_TRANSACTION_TYPE_VALUES = [
  "PAYMENT",
  "REFUND",
  "CHARGEBACK",
  "ADJUSTMENT",
] as const;
export type PaymentTransactionType = (typeof PAYMENT_TRANSACTION_TYPE_VALUES)[number];

/** Values of subscriptions.billing_cycle. */
export const BILLING_CYCLE_VALUES = ["MONTHLY", "YEARLY", "LIFETIME"] as const;
export type BillingCycle = (typeof BILLING_CYCLE_VALUES)[number];

/** Values of subscriptions.plan_type. */
export const PLAN_TYPE_VALUES = ["FREE", "PRO", "ENTERPRISE", "CUSTOM"] as const;
export type PlanType = (typeof PLAN_TYPE_VALUES)[number];

/** Values of subscriptions.status. */
export const SUBSCRIPTION_STATUS_VALUES = [
  "ACTIVE",
  "CANCELED",
  "PAST_DUE",
  "UNPAID",
  "TRIALING",
] as const;
export type SubscriptionStatus = (typeof SUBSCRIPTION_STATUS_VALUES)[number];

/**
 * The address on a user's invoices, one per user. Street, city and country are never blank.
 * A row of billing_addresses, as `select *` gives it.
 */
export interface BillingAddressRow {
  /** @default gen_random_uuid() */
  id: Uuid;
  /** Account in user-service. Foreign keys do not reach across databases. */
  user_id: Uuid;
  /** Street and number, or a post-office box; never blank. */
  line1: string;
  /** Null if there is none. */
  line2: string | null;
  /** Never blank. */
  city: string;
  /** State or province; null if the country has none. */
  state: string | null;
  /** Null if the country has none. */
  postal_code: string | null;
  /** ISO 3166-1 alpha-2 code. */
  country: string;
  /** @default now() */
  updated_at: Timestamp;
}

/** A new row of billing_addresses. PostgreSQL fills in what is left out. */
export type BillingAddressInsert = Insert<
  BillingAddressRow,
  "id" | "line2" | "state" | "postal_code" | "updated_at"
>;

/** Changes of a row of billing_addresses. */
export type BillingAddressUpdate = Update<BillingAddressInsert, "id" | "updated_at">;

/**
 * Bills to users. An invoice is never deleted: a wrong one is set to VOID, so that no number is
 * missing and none is used twice.
 * A row of invoices, as `select *` gives it.
 */
export interface InvoiceRow {
  /** @default gen_random_uuid() */
  id: Uuid;
  /** Account in user-service. Foreign keys do not reach across databases. */
  user_id: Uuid;
  /** Null for a bill that belongs to no subscription. */
  subscription_id: Uuid | null;
  /**
   * INV-<year>-<six digits> from generate_invoice_number, unless the insert has its own number.
   * Never blank, never changed.
   */
  invoice_number: string;
  /**
   * DRAFT until sent, then OPEN until PAID. VOID and UNCOLLECTIBLE invoices are no longer due.
   * @default 'DRAFT'::text
   */
  status: InvoiceStatus;
  /** US dollars. */
  amount_due_usd: Numeric;
  /**
   * US dollars.
   * @default 0
   */
  amount_paid_usd: Numeric;
  /**
   * ISO 4217 code of the invoice's currency.
   * @default 'USD'::text
   */
  currency: Currency;
  /**
   * Array of the charged items, in display order.
   * @default '[]'::jsonb
   */
  line_items: unknown;
  /** Last day to pay, in UTC; null for an invoice without a due date. */
  due_date: CalendarDate | null;
  /** Null until paid in full. */
  paid_at: Timestamp | null;
  /** @default now() */
  created_at: Timestamp;
  /** @default now() */
  updated_at: Timestamp;
}

/** A new row of invoices. PostgreSQL fills in what is left out. */
export type InvoiceInsert = Insert<
  InvoiceRow,
  | "id"
  | "subscription_id"
  | "invoice_number"
  | "status"
  | "amount_paid_usd"
  | "currency"
  | "line_items"
  | "due_date"
  | "paid_at"
  | "created_at"
  | "updated_at"
>;

/** Changes of a row of invoices. */
export type InvoiceUpdate = Update<InvoiceInsert, "id" | "invoice_number" | "updated_at">;

/**
 * Daily business figures.
 * A row of payment_analytics, as `select *` gives it.
 */
export interface PaymentAnalyticsRow {
  /** @default gen_random_uuid() */
  id: Uuid;
  /** Name of the figure; never blank. */
  metric_name: string;
  /** metric_name determines its unit; may be negative. */
  metric_value: Numeric;
  /**
   * What the figure is broken down by, for example {"plan": "PRO"}.
   * @default '{}'::jsonb
   */
  dimensions: unknown;
  /** Day in UTC. */
  recorded_date: CalendarDate;
  /** @default now() */
  created_at: Timestamp;
}

/** A new row of payment_analytics. PostgreSQL fills in what is left out. */
export type PaymentAnalyticsInsert = Insert<
  PaymentAnalyticsRow,
  "id" | "dimensions" | "created_at"
>;

/** Changes of a row of payment_analytics. */
export type PaymentAnalyticsUpdate = Update<PaymentAnalyticsInsert, "id">;

/**
 * Payment methods that users stored with a provider. At most one per user is the default. Never a
 * card number.
 * A row of payment_methods, as `select *` gives it.
 */
export interface PaymentMethodRow {
  /** @default gen_random_uuid() */
  id: Uuid;
  /** Account in user-service. Foreign keys do not reach across databases. */
  user_id: Uuid;
  /** Provider that stores the card or account. */
  provider: Provider;
  /** The provider's own id, with which payments are made. Printable ASCII without a space. */
  provider_payment_method_id: string;
  /** Kind of payment method; only a CARD expires. */
  type: PaymentMethodType;
  /** Last four digits of the card or account number, so that the user recognises it. */
  last_four: string | null;
  /** Brand of the card, so that the user recognises it; null for other types. */
  brand: string | null;
  /** Month, 1 to 12. */
  exp_month: number | null;
  /** Year with four digits. */
  exp_year: number | null;
  /** @default false */
  is_default: boolean;
  /** @default now() */
  created_at: Timestamp;
  /** @default now() */
  updated_at: Timestamp;
}

/** A new row of payment_methods. PostgreSQL fills in what is left out. */
export type PaymentMethodInsert = Insert<
  PaymentMethodRow,
  | "id"
  | "last_four"
  | "brand"
  | "exp_month"
  | "exp_year"
  | "is_default"
  | "created_at"
  | "updated_at"
>;

/** Changes of a row of payment_methods. */
export type PaymentMethodUpdate = Update<PaymentMethodInsert, "id" | "updated_at">;

/**
 * Movements of money, one row per transaction of a provider. Rows are kept forever.
 * A row of payment_transactions, as `select *` gives it.
 */
export interface PaymentTransactionRow {
  /** @default gen_random_uuid() */
  id: Uuid;
  /** Account in user-service. Foreign keys do not reach across databases. */
  user_id: Uuid;
  /** Null for money that belongs to no subscription. */
  subscription_id: Uuid | null;
  /** Null if the user has removed the payment method since. */
  payment_method_id: Uuid | null;
  /** Provider that moved the money. */
  provider: Provider;
  /**
   * The provider's own id, printable ASCII without a space. Unique per provider, so that a webhook
   * delivered twice counts once.
   */
  provider_transaction_id: string;
  /**
   * PAYMENT comes from the user. REFUND and CHARGEBACK go back to the user: the service issues a
   * refund, the bank a chargeback.
   */
  type: PaymentTransactionType;
  /**
   * PENDING until the provider reports the outcome.
   * @default 'PENDING'::text
   */
  status: PaymentTransactionStatus;
  /**
   * US dollars; the type determines the direction. Negative only for an adjustment in the user's
   * favor.
   */
  amount_usd: Numeric;
  /**
   * ISO 4217 code of the currency charged.
   * @default 'USD'::text
   */
  currency: Currency;
  /**
   * Details from the provider that have no column, and two keys of our own: "renewal": false marks a
   * PAYMENT that changes no subscription (an add-on, a proration); "refund_of" of a REFUND or
   * CHARGEBACK is the provider_transaction_id of the refunded payment of the same provider.
   * @default '{}'::jsonb
   */
  metadata: unknown;
  /** The provider's reason; null unless FAILED. */
  failure_reason: string | null;
  /** When the provider reported the outcome; null until then. */
  processed_at: Timestamp | null;
  /** @default now() */
  created_at: Timestamp;
  /** @default now() */
  updated_at: Timestamp;
}

/** A new row of payment_transactions. PostgreSQL fills in what is left out. */
export type PaymentTransactionInsert = Insert<
  PaymentTransactionRow,
  | "id"
  | "subscription_id"
  | "payment_method_id"
  | "status"
  | "currency"
  | "metadata"
  | "failure_reason"
  | "processed_at"
  | "created_at"
  | "updated_at"
>;

/** Changes of a row of payment_transactions. */
export type PaymentTransactionUpdate = Update<PaymentTransactionInsert, "id" | "updated_at">;

/**
 * Events received from providers, each once.
 * A row of payment_webhooks, as `select *` gives it.
 */
export interface PaymentWebhookRow {
  /** @default gen_random_uuid() */
  id: Uuid;
  /** Provider that sent the event. */
  provider: Provider;
  /**
   * The provider's name of the event type, for example "charge.succeeded"; printable ASCII without a
   * space.
   */
  event_type: string;
  /** The provider's own id of the event, printable ASCII without a space. */
  event_id: string;
  /** Body of the event as received. */
  payload: unknown;
  /** When the event was processed; null until then. */
  processed_at: Timestamp | null;
  /** Error of the last failed attempt; null if none failed. */
  error_message: string | null;
  /**
   * Number of failed attempts.
   * @default 0
   */
  retry_count: number;
  /** @default now() */
  created_at: Timestamp;
}

/** A new row of payment_webhooks. PostgreSQL fills in what is left out. */
export type PaymentWebhookInsert = Insert<
  PaymentWebhookRow,
  "id" | "processed_at" | "error_message" | "retry_count" | "created_at"
>;

/** Changes of a row of payment_webhooks. */
export type PaymentWebhookUpdate = Update<PaymentWebhookInsert, "id">;

/**
 * Current and earlier plans of users. At most one per user is ACTIVE or TRIALING.
 * A row of subscriptions, as `select *` gives it.
 */
export interface SubscriptionRow {
  /** @default gen_random_uuid() */
  id: Uuid;
  /** Account in user-service. Foreign keys do not reach across databases. */
  user_id: Uuid;
  /** The plan; features and limits hold what it includes. */
  plan_type: PlanType;
  /**
   * Payments change it through update_subscription_status; CANCELED is final.
   * @default 'ACTIVE'::text
   */
  status: SubscriptionStatus;
  /**
   * How often the price is due; LIFETIME is paid once.
   * @default 'MONTHLY'::text
   */
  billing_cycle: BillingCycle;
  /**
   * US dollars per billing cycle, before tax.
   * @default 0
   */
  price_usd: Numeric;
  /**
   * ISO 4217 code of the currency in which the user is charged. Amounts in this table are in US
   * dollars regardless.
   * @default 'USD'::text
   */
  currency: Currency;
  /**
   * Features of this subscription, by name.
   * @default '{}'::jsonb
   */
  features: unknown;
  /**
   * Quotas of this subscription, by name.
   * @default '{}'::jsonb
   */
  limits: unknown;
  /** Null for a subscription without a trial. */
  trial_ends_at: Timestamp | null;
  /** Null until the first period begins. */
  current_period_start: Timestamp | null;
  /**
   * First instant after the period; null until the first period begins, and for LIFETIME. If a short
   * month shortened a period, the next one ends on the intended day again: 31 January, 28 February,
   * 31 March (UTC).
   */
  current_period_end: Timestamp | null;
  /**
   * The user has canceled, and the service ends the subscription when the period ends.
   * @default false
   */
  cancel_at_period_end: boolean;
  /** When the user canceled; null if not canceled. */
  canceled_at: Timestamp | null;
  /** @default now() */
  created_at: Timestamp;
  /** @default now() */
  updated_at: Timestamp;
}

/** A new row of subscriptions. PostgreSQL fills in what is left out. */
export type SubscriptionInsert = Insert<
  SubscriptionRow,
  | "id"
  | "status"
  | "billing_cycle"
  | "price_usd"
  | "currency"
  | "features"
  | "limits"
  | "trial_ends_at"
  | "current_period_start"
  | "current_period_end"
  | "cancel_at_period_end"
  | "canceled_at"
  | "created_at"
  | "updated_at"
>;

/** Changes of a row of subscriptions. */
export type SubscriptionUpdate = Update<SubscriptionInsert, "id" | "updated_at">;

/**
 * Metered usage within a billing period. Rows are kept forever.
 * A row of usage_records, as `select *` gives it.
 */
export interface UsageRecordRow {
  /** @default gen_random_uuid() */
  id: Uuid;
  /** Account in user-service. Foreign keys do not reach across databases. */
  user_id: Uuid;
  /** Null for usage without a subscription. */
  subscription_id: Uuid | null;
  /** What was used; never blank. */
  metric_name: string;
  /** In the unit given by unit; never negative. */
  quantity: Numeric;
  /** Unit of quantity, for example "tokens"; never blank. */
  unit: string;
  /** @default now() */
  recorded_at: Timestamp;
  /** First instant of the period; always before billing_period_end. */
  billing_period_start: Timestamp;
  /** First instant after the period. */
  billing_period_end: Timestamp;
}

/** A new row of usage_records. PostgreSQL fills in what is left out. */
export type UsageRecordInsert = Insert<UsageRecordRow, "id" | "subscription_id" | "recorded_at">;

/** Changes of a row of usage_records. */
export type UsageRecordUpdate = Update<UsageRecordInsert, "id">;
