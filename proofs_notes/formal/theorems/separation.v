(** T5 [ours] (blueprint, section 2): without a skip, a last hidden layer of width one makes valleys of a depth that
    no width before it removes. The network is u h(x) with h >= 0 a deep ReLU network; no output bias; squared
    error.

    Definitions: [narrow_coordinate], one weight, [narrow_param], all of them: hidden ones and u; [hidden], the
    hidden ones; [narrow_make], put together; [height], h(x) at a point; [narrow], the output u h(x); [narrow_loss],
    its mean squared error; [y_plus], [y_minus], the positive and negative part of the target; [mean_sq], the mean
    of a square.
    Statements: T5. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean relu paths zeros.
From Skipscape.networks Require Import networks deep.
From Skipscape.lemmas Require Import losses.
From Skipscape.theorems Require Import finite_sample.
Import ListNotations.
Open Scope R_scope.

(** PLAIN with a last hidden layer of width one: hidden weights and the one output weight u *)
Inductive narrow_coordinate :=
| Hidden (d j i : nat)
| Out.
Definition narrow_param := narrow_coordinate -> R.
Definition hidden (P : narrow_param) : nat -> matrix := fun d j i => P (Hidden d j i).
Definition narrow_make (M : nat -> matrix) (u : R) : narrow_param := fun x =>
  match x with
  | Hidden d j i => M d j i
  | Out => u
  end.

Section Separation.
Variable X : data.
Hypothesis scalar : outputs X = 1%nat.
(** "any depth and widths >= 1 before it" *)
Variable widths : list nat.

Definition height (M : nat -> matrix) (k : nat) : R := forward (seen X) (widths ++ [1%nat]) M (input X k) O.
Definition narrow (P : narrow_param) (k c : nat) : R := P Out * height (hidden P) k.
Definition narrow_loss (P : narrow_param) : R := squared X (narrow P).

(** y_+, y_-, and the mean of a square *)
Definition y_plus (k : nat) : R := relu (target X k O).
Definition y_minus (k : nat) : R := relu (- target X k O).
Definition mean_sq (g : nat -> R) : R := \sum_(k < points X) (weight X k * (g k)^2).

Lemma forward_nonneg w M a j : forall n, w <> nil -> 0 <= forward n w M a j.
Proof.
  revert M a. induction w as [|h rest IH]; intros M a n Hw; [easy|]. cbn [forward].
  destruct rest as [|h' rest]; [apply relu_nonneg | now apply IH].
Qed.

Lemma height_nonneg M k : 0 <= height M k.
Proof. apply forward_nonneg. now destruct widths. Qed.

Lemma squared_scalar f : squared X f = \sum_(k < points X) (weight X k * (f k O - target X k O)^2).
Proof. unfold squared. rewrite scalar. apply lsum_ext; intros k _. cbn [seq lsum]. ring. Qed.

Lemma plus_minus k : target X k O = y_plus k - y_minus k /\ y_plus k * y_minus k = 0.
Proof. unfold y_plus, y_minus. relu_cases; split; nra. Qed.

(** "where L = mean(y^2)" *)
Lemma zero_level P : P Out = 0 -> narrow_loss P = mean_sq y_plus + mean_sq y_minus.
Proof.
  intros Hu. unfold narrow_loss, mean_sq. rewrite squared_scalar, <- lsum_plus. apply lsum_ext; intros k _.
  unfold narrow. rewrite Hu. destruct (plus_minus k) as [E E0]. rewrite E.
  replace ((0 * height (hidden P) k - (y_plus k - y_minus k))^2)
    with ((y_plus k)^2 + (y_minus k)^2 - 2 * (y_plus k * y_minus k)) by ring.
  rewrite E0. ring.
Qed.

(** u >= 0 cannot do better than mean(y_-^2), u <= 0 not better than mean(y_+^2) *)
Lemma positive_side P : 0 <= P Out -> mean_sq y_minus <= narrow_loss P.
Proof.
  intros Hu. unfold narrow_loss, mean_sq. rewrite squared_scalar. apply lsum_le; intros k _.
  apply Rmult_le_compat_l; [apply weight_nonneg|]. unfold narrow, y_minus.
  pose proof (Rmult_le_pos _ _ Hu (height_nonneg (hidden P) k)) as Hf.
  set (f := P Out * height (hidden P) k) in *. clearbody f. set (y := target X k O). clearbody y.
  destruct (Rle_dec 0 y) as [Hy|Hy].
  - rewrite relu_neg by lra. pose proof (pow2_ge_0 (f - y)). lra.
  - rewrite relu_pos by lra. assert (0 <= f * (f - 2 * y)) by (apply Rmult_le_pos; lra). lra.
Qed.

Lemma plus_loss P : (forall k, (k < points X)%nat -> narrow P k O = y_plus k) ->
  narrow_loss P = mean_sq y_minus.
Proof.
  intros Hf. unfold narrow_loss, mean_sq. rewrite squared_scalar. apply lsum_ext; intros k Hk.
  apply in_rng in Hk. rewrite Hf by easy. destruct (plus_minus k) as [E _]. rewrite E. ring.
Qed.

Lemma minus_loss P : (forall k, (k < points X)%nat -> narrow P k O = - y_minus k) ->
  narrow_loss P = mean_sq y_plus.
Proof.
  intros Hf. unfold narrow_loss, mean_sq. rewrite squared_scalar. apply lsum_ext; intros k Hk.
  apply in_rng in Hk. rewrite Hf by easy. destruct (plus_minus k) as [E _]. rewrite E. ring.
Qed.

(** "Every path from u > 0 to u < 0 meets f = 0" *)
Theorem T5_crossing gam : path gam -> 0 < gam 0 Out -> gam 1 Out < 0 ->
  exists t, 0 <= t <= 1 /\ (forall k c, narrow (gam t) k c = 0) /\
    narrow_loss (gam t) = mean_sq y_plus + mean_sq y_minus.
Proof.
  intros Hg H0 H1. destruct (crossing (fun t => gam t Out) (Hg Out) H0 H1) as (t & Ht & E).
  exists t. split; [easy|]. split; [|now apply zero_level]. intros k c. unfold narrow. rewrite E. ring.
Qed.

(** lower bound: for every path, of any shape *)
Theorem T5_lower P : 0 < P Out -> narrow_loss P = mean_sq y_minus ->
  depth_at_least narrow_loss P (mean_sq y_plus).
Proof.
  intros Hu HP gam Hg g0 Hbetter.
  assert (H1 : gam 1 Out < 0).
  { apply Rnot_le_lt. intros Hpos. pose proof (positive_side (gam 1) Hpos). lra. }
  destruct (T5_crossing gam Hg) as (t & Ht & _ & E); [now rewrite g0 | easy|].
  exists t. split; [easy | rewrite HP, E; lra].
Qed.

Lemma lin_out t P P' : lin t P P' Out = (1 - t) * P Out + t * P' Out.
Proof. reflexivity. Qed.

(** a line on which only u moves: f affine *)
Lemma out_line c M u u' : narrow_loss (narrow_make M u) <= c -> narrow_loss (narrow_make M u') <= c ->
  joined (sublevel narrow_loss c) (narrow_make M u) (narrow_make M u').
Proof.
  intros H H'. apply joined_line. intros t Ht. unfold sublevel, narrow_loss.
  replace (narrow (lin t _ _)) with
    (fun k c => (1 - t) * narrow (narrow_make M u) k c + t * narrow (narrow_make M u') k c).
  - eapply Rle_trans; [now apply (convex_max_at_ends _ (L7_squared X)) | now apply Rmax_lub].
  - apply matrix_ext; intros k i. unfold narrow. rewrite lin_out.
    replace (hidden (lin t (narrow_make M u) (narrow_make M u'))) with M.
    + change (hidden (narrow_make M u)) with M. change (hidden (narrow_make M u')) with M.
      change (narrow_make M u Out) with u. change (narrow_make M u' Out) with u'. ring.
    + apply functional_extensionality; intros d. apply matrix_ext; intros.
      unfold hidden, lin, narrow_make. ring.
Qed.

(** upper path: u to 0, the hidden weights move silently, u to the other sign *)
Theorem T5_upper P P' : (forall k, (k < points X)%nat -> narrow P k O = y_plus k) ->
  (forall k, (k < points X)%nat -> narrow P' k O = - y_minus k) ->
  mean_sq y_plus < mean_sq y_minus -> depth_at_most narrow_loss P (mean_sq y_plus).
Proof.
  intros HP HP' Hlt. pose proof (plus_loss P HP) as EP. pose proof (minus_loss P' HP') as EP'.
  set (c := narrow_loss P + mean_sq y_plus).
  assert (Hpos : 0 <= mean_sq y_plus) by (apply sq_nonneg, weight_nonneg).
  assert (Heta : forall R0 : narrow_param, narrow_make (hidden R0) (R0 Out) = R0)
    by (intros R0; apply functional_extensionality; intros []; easy).
  assert (Hzero : forall R0 : narrow_param, R0 Out = 0 -> narrow_loss R0 <= c)
    by (intros R0 H0; rewrite zero_level by easy; unfold c; lra).
  apply (joined_depth narrow_loss P P'); [|lra].
  apply (joined_trans _ _ (narrow_make (hidden P) 0)).
  { rewrite <- (Heta P) at 2. apply out_line; [rewrite Heta; unfold c; lra | now apply Hzero]. }
  apply (joined_trans _ _ (narrow_make (hidden P') 0)).
  { apply joined_line. intros t _. apply Hzero. rewrite lin_out. cbn [narrow_make]. ring. }
  rewrite <- (Heta P') at 2. apply out_line; [now apply Hzero | rewrite Heta; unfold c; lra].
Qed.

(** T5: depth exactly mean(y_+^2), not global, for every width that can fit y_+ and y_- *)
Theorem T5_separation P P' : 0 < P Out ->
  (forall k, (k < points X)%nat -> narrow P k O = y_plus k) ->
  (forall k, (k < points X)%nat -> narrow P' k O = - y_minus k) ->
  mean_sq y_plus < mean_sq y_minus ->
  narrow_loss P = mean_sq y_minus /\ (forall T, 0 <= T Out -> narrow_loss P <= narrow_loss T) /\
  narrow_loss P' < narrow_loss P /\
  depth_at_most narrow_loss P (mean_sq y_plus) /\ depth_at_least narrow_loss P (mean_sq y_plus).
Proof.
  intros Hu HP HP' Hlt. pose proof (plus_loss P HP) as EP. pose proof (minus_loss P' HP') as EP'.
  split; [easy|]. split; [|split; [lra|split]].
  - intros T HT. rewrite EP. now apply positive_side.
  - now apply (T5_upper P P').
  - now apply T5_lower.
Qed.
End Separation.

(** "m large enough to fit y_+ and y_-": one hidden layer of any width m >= N before the narrow one does *)
Theorem T5_fit X m (g : nat -> R) : spread_inputs X -> (points X <= m)%nat -> (1 <= outputs X)%nat ->
  (forall k, 0 <= g k) ->
  exists M, (forall j, M O j (seen X) = 0) /\ forall k, (k < points X)%nat -> height X [m] M k = g k.
Proof.
  intros Hspread Hm Hp Hg.
  destruct (T4_interpolation X (fun k _ => g k) Hspread) as (w & v & Hfit).
  set (N := points X) in *.
  (* layer 0: the rows w without bias; layer 1: the readout v, 0 beyond N *)
  set (M := fun d j i : nat => match d with
    | O => if Nat.eqb i (seen X) then 0 else w j i
    | _ => if Nat.ltb i N then v i O else 0 end).
  exists M. split; [intros j; unfold M; now rewrite Nat.eqb_refl|]. intros k Hk. unfold height. cbn [app forward].
  assert (Hlayer : forall j, layer (seen X) (M O) (input X k) j = relu (dot X (w j) (input X k))).
  { intros j. unfold layer. f_equal. unfold M. rewrite Nat.eqb_refl, Rplus_0_r. apply lsum_ext; intros i Hi.
    apply in_rng in Hi. destruct (Nat.eqb_spec i (seen X)); [lia | easy]. }
  unfold layer at 1. fold M.
  rewrite (lsum_ext _ _ (fun i => if mem i (seq 0 N) then v i O * relu (dot X (w i) (input X k)) else 0)).
  - rewrite lsum_mem; [|apply seq_NoDup | intros j Hj; apply in_rng in Hj; lia].
    change (M 1%nat O m) with (if Nat.ltb m N then v m O else 0).
    replace (Nat.ltb m N) with false by (symmetry; apply Nat.ltb_ge; lia).
    rewrite Rplus_0_r. specialize (Hfit k O Hk ltac:(lia)). unfold two_layer in Hfit. fold N in Hfit.
    change (relu (\sum_(j < N) (v j O * relu (dot X (w j) (input X k)))) = g k).
    rewrite Hfit. now apply relu_pos.
  - intros i _. rewrite Hlayer. change (M 1%nat O i) with (if Nat.ltb i N then v i O else 0).
    destruct (mem i (seq 0 N)) eqn:E.
    + apply mem_In, in_rng, Nat.ltb_lt in E. now rewrite E.
    + destruct (Nat.ltb_spec i N) as [Hi|Hi]; [|ring]. exfalso. apply mem_false in E. apply E. now apply in_rng.
Qed.

(** T5 with nothing left to assume but the data: for every width m >= N *)
Theorem T5_every_width X m : outputs X = 1%nat -> spread_inputs X -> (points X <= m)%nat ->
  mean_sq X (y_plus X) < mean_sq X (y_minus X) ->
  exists P P', (forall j, (j < m)%nat -> hidden P O j (seen X) = 0) /\
    narrow_loss X [m] P' < narrow_loss X [m] P /\
    depth_at_most (narrow_loss X [m]) P (mean_sq X (y_plus X)) /\
    depth_at_least (narrow_loss X [m]) P (mean_sq X (y_plus X)).
Proof.
  intros Hp Hspread Hm Hlt.
  destruct (T5_fit X m (y_plus X) Hspread Hm ltac:(lia) (fun k => relu_nonneg _)) as (M & HM0 & HM).
  destruct (T5_fit X m (y_minus X) Hspread Hm ltac:(lia) (fun k => relu_nonneg _)) as (M' & _ & HM').
  exists (narrow_make M 1), (narrow_make M' (-1)). split; [intros; apply HM0|].
  destruct (T5_separation X Hp [m] (narrow_make M 1) (narrow_make M' (-1))) as (_ & _ & Hnot & Hup & Hlow); auto.
  - simpl; lra.
  - intros k Hk. unfold narrow. change (hidden (narrow_make M 1)) with M. rewrite HM by easy. simpl; ring.
  - intros k Hk. unfold narrow. change (hidden (narrow_make M' (-1))) with M'. rewrite HM' by easy. simpl; ring.
Qed.
