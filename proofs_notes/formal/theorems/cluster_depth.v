(** T10U [ours] (blueprint-3, section 1): T10's bound is the depth, and a path attains it, where the least price is that
    of a point of another cluster. The plane of neuron j goes to 0 at that point x on its cheapest way; a silent branch
    has taken [z_j - z_i]_+ before, and beyond x the smaller of z_j and z_i reads x alone. PARALLEL with any bias-free
    branch that can pass one coordinate on; one output, kappa = 0.

    Definitions: [passes], for some weights inside the branch it returns [a_0]_+ somewhere; [stage], theta where row j
    has moved by tau D, V_j has M more and the branch subtracts M [z_j - z_i]_+; [base], theta's output at a point.
    Statements: T10U. *)

From Coq Require Import Reals Lra Psatz List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums relu paths selection.
From Skipscape.networks Require Import networks homogeneous.
From Skipscape.lemmas Require Import losses.
From Skipscape.theorems Require Import finite_sample separation positivity clusters.
Import ListNotations.
Open Scope R_scope.

Definition passes (B : branch) : Prop := exists q s, (s < branch_out B)%nat /\ forall a, act B q a s = relu (a O).

(** deep ReLU branches without biases are among these, of any depth and of any widths that are not 0 *)
Theorem T10U_deep_relu n widths : (1 <= n)%nat -> widths <> nil -> (forall h, In h widths -> (1 <= h)%nat) ->
  ray (bias_free_relu n widths) /\ passes (bias_free_relu n widths).
Proof.
  intros Hn Hw Hh. split; [apply bias_free_ray|]. set (M := (fun _ s i => if andb (Nat.eqb s 0) (Nat.eqb i 0) then 1 else 0) : nat -> matrix).
  assert (Hone : forall n (a : vector), (1 <= n)%nat -> \sum_(i < n) (M O O i * a i) = a O).
  { intros k a Hk. rewrite <- (lsum_delta k O a) by lia. apply lsum_ext; intros i _. unfold M.
    destruct i; cbn [Nat.eqb andb]; ring. }
  assert (Hall : forall widths n a, (1 <= n)%nat -> widths <> nil -> (forall h, In h widths -> (1 <= h)%nat) ->
    bias_free n widths M a O = relu (a O)).
  { clear widths n Hn Hw Hh. induction widths as [|h rest IH]; intros n a Hn Hw Hh; [easy|].
    cbn [bias_free]. change (fun d : nat => M (S d)) with M.
    destruct rest as [|h' rest]; [cbn [bias_free]; now rewrite Hone|].
    rewrite IH; [| apply Hh; now left | easy | intros; apply Hh; now right].
    rewrite Hone by easy. apply relu_pos, relu_nonneg. }
  exists M, O. split; [|intros a; now apply Hall].
  cbn [branch_out bias_free_relu]. assert (In (last widths n) widths); [|now apply Hh].
  destruct (exists_last Hw) as (l & h & E). rewrite E, last_last. apply in_app_iff. right. now left.
Qed.

Section Depth.
Variables (X : data) (m : nat) (owner : nat -> nat) (B : branch) (P : param).
Hypothesis one_output : outputs X = 1%nat.
Hypothesis HP : pattern X m InW owner P.
Hypothesis HU : forall c s, U P c s = 0.
Variables (j i k : nat).
Hypothesis (Hj : (j < m)%nat) (Hi : (i < m)%nat) (Hk : (k < points X)%nat) (Hij : i <> j) (Hown : owner k = i).

Notation plane j := (shown InW (parallel_top m B) P j).

Lemma plane_at n y : (n < m)%nat -> dot X (plane n) y = V P n O * dot X (W P n) y.
Proof.
  intros Hn. unfold dot. rewrite <- lsum_scal. apply lsum_ext; intros a _. unfold shown.
  rewrite (parallel_alone m B P n Hn), (lsum_zero _ (fun s => U P O s * _)) by (intros; rewrite HU; ring).
  change (P (InW n a)) with (W P n a). ring.
Qed.

(** * The path *)
Variables (q0 : nat -> matrix) (s0 : nat).
Hypothesis (Hs0 : (s0 < branch_out B)%nat) (Hq0 : forall a, act B q0 a s0 = relu (a O)).
Variable D : vector.

Definition stage (M tau : R) : param := make
  (fun n a => W P n a + (if Nat.eqb j n then tau * D a else 0))
  (fun n c => V P n c + (if Nat.eqb j n then M else 0))
  (fun n b => (if Nat.eqb j n then 1 else 0) - (if Nat.eqb i n then 1 else 0))
  (fun c s => if Nat.eqb s0 s then - M else 0) q0.

Notation at_ tau n := (dot X (W P j) (input X n) + tau * dot X D (input X n)).
Notation z tau n := (relu (at_ tau n)).
Notation z_i n := (relu (dot X (W P i) (input X n))).

Lemma stage_row M tau a n : dot X (W (stage M tau) a) (input X n) = dot X (W P a) (input X n)
  + (if Nat.eqb j a then tau * dot X D (input X n) else 0).
Proof.
  unfold dot. destruct (Nat.eqb_spec j a) as [E|E]; [rewrite <- lsum_scal, <- lsum_plus | rewrite Rplus_0_r];
    apply lsum_ext; intros b _; unfold stage, W, make; [rewrite (proj2 (Nat.eqb_eq j a) E) | rewrite (proj2
      (Nat.eqb_neq j a) E)]; ring.
Qed.

Lemma stage_output M tau n : parallel X m B (stage M tau) n O
  = \sum_(a < m) (V P a O * feature X (stage M tau) n a) + M * (z tau n - relu (z tau n - z_i n)).
Proof.
  assert (Fj : feature X (stage M tau) n j = z tau n) by (unfold feature; now rewrite stage_row, Nat.eqb_refl).
  assert (Fi : feature X (stage M tau) n i = z_i n).
  { unfold feature. rewrite stage_row. rewrite (proj2 (Nat.eqb_neq j i)) by congruence. now rewrite Rplus_0_r. }
  assert (Hread : reading X m (stage M tau) n O = z tau n - z_i n).
  { unfold reading. rewrite <- Fj, <- Fi.
    rewrite <- (lsum_delta m j (fun a => feature X (stage M tau) n a) Hj).
    rewrite <- (lsum_delta m i (fun a => feature X (stage M tau) n a) Hi), <- lsum_minus.
    apply lsum_ext; intros a _. change (A (stage M tau) a O) with ((if Nat.eqb j a then 1 else 0) - (if Nat.eqb i a then 1
      else 0)). destruct (Nat.eqb j a), (Nat.eqb i a); ring. }
  unfold parallel, skip, deep.
  rewrite (lsum_ext (seq 0 (branch_out B)) _ (fun s => if Nat.eqb s0 s then - M * relu (z tau n - z_i n) else 0)).
  - rewrite (lsum_delta _ s0 (fun _ => - M * relu (z tau n - z_i n)) Hs0).
    rewrite (lsum_ext (seq 0 m) _ (fun a => V P a O * feature X (stage M tau) n a
      + (if Nat.eqb j a then M * feature X (stage M tau) n a else 0))).
    + rewrite lsum_plus, (lsum_delta m j (fun a => M * feature X (stage M tau) n a) Hj), Fj. ring.
    + intros a _. change (V (stage M tau) a O) with (V P a O + (if Nat.eqb j a then M else 0)).
      destruct (Nat.eqb j a); ring.
  - intros s _. change (U (stage M tau) O s) with (if Nat.eqb s0 s then - M else 0).
    destruct (Nat.eqb_spec s0 s) as [<-|_]; [|ring]. change (Q (stage M tau)) with q0. rewrite Hq0, Hread. ring.
Qed.

(** theta's output *)
Definition base (n : nat) : R := if Nat.ltb (owner n) m then dot X (plane (owner n)) (input X n) else 0.

Lemma start_output n : (n < points X)%nat -> parallel X m B P n O = \sum_(a < m) (V P a O * feature X P n a).
Proof. intros _. unfold parallel, deep. rewrite (lsum_zero (seq 0 (branch_out B))) by (intros; rewrite HU; ring).
  unfold skip. ring. Qed.

(** while neuron j has its strict sign at point n, beyond it where it only begins to see x *)
Lemma kept_output M tau n : (n < points X)%nat -> (owner n = j -> 0 <= at_ tau n) -> (owner n <> j -> at_ tau n <= 0) ->
  parallel X m B (stage M tau) n O = base n + (if Nat.eqb (owner n) j then tau * (V P j O * dot X D (input X n)) else 0).
Proof.
  intros Hn Hin Hout. rewrite stage_output.
  assert (Hmin : z tau n - relu (z tau n - z_i n) = 0).
  { destruct (Nat.eq_dec (owner n) j) as [E|E].
    - assert (z_i n = 0); [|rewrite H, Rminus_0_r, (relu_pos (z tau n)) by apply relu_nonneg; ring].
      apply relu_neg. left. apply (HP n i Hn Hi). congruence.
    - assert (z tau n = 0) by (apply relu_neg; auto). rewrite H, Rminus_0_l. rewrite relu_neg; [ring|].
      pose proof (relu_nonneg (dot X (W P i) (input X n))). lra. }
  rewrite Hmin, Rmult_0_r, Rplus_0_r. unfold base.
  rewrite (lsum_ext (seq 0 m) _ (fun a => if Nat.eqb (owner n) a then V P a O * dot X (W (stage M tau) a) (input X n) else
    0)).
  - destruct (Nat.ltb_spec (owner n) m) as [Ho|Ho].
    + rewrite (lsum_delta m (owner n) (fun a => V P a O * dot X (W (stage M tau) a) (input X n)) Ho).
      rewrite stage_row, plane_at by easy. rewrite (Nat.eqb_sym j (owner n)).
      destruct (Nat.eqb_spec (owner n) j) as [E|E]; [rewrite E|]; ring.
    + rewrite lsum_zero.
      * destruct (Nat.eqb_spec (owner n) j) as [E|E]; [lia | ring].
      * intros a Ha. apply in_rng in Ha. destruct (Nat.eqb_spec (owner n) a); [lia | easy].
  - intros a Ha. apply in_rng in Ha. unfold feature. rewrite stage_row. destruct (HP n a Hn Ha) as [H1 H2].
    change (fun b : nat => P (InW a b)) with (W P a) in H1, H2.
    destruct (Nat.eqb_spec (owner n) a) as [E|E]; destruct (Nat.eqb_spec j a) as [<-|E'].
    + now rewrite relu_pos by auto.
    + rewrite relu_pos; [easy|]. specialize (H1 E). lra.
    + rewrite relu_neg by auto. ring.
    + rewrite relu_neg; [ring|]. specialize (H2 E). lra.
Qed.

(** at x itself, once neuron j sees it less than neuron i does *)
Lemma seen_output M tau : 0 <= at_ tau k -> at_ tau k <= dot X (W P i) (input X k) ->
  parallel X m B (stage M tau) k O = base k + (V P j O + M) * at_ tau k.
Proof.
  intros H0 H1. rewrite stage_output. rewrite (relu_pos (at_ tau k)) by easy.
  rewrite (relu_pos (dot X (W P i) (input X k))) by lra. rewrite (relu_neg (at_ tau k - _)) by lra. unfold base.
  rewrite Hown, (proj2 (Nat.ltb_lt i m) Hi), plane_at by easy.
  rewrite (lsum_ext (seq 0 m) _ (fun a => (if Nat.eqb i a then V P a O * dot X (W P a) (input X k) else 0)
    + (if Nat.eqb j a then V P a O * at_ tau k else 0))).
  - rewrite lsum_plus, (lsum_delta m i (fun a => V P a O * dot X (W P a) (input X k)) Hi).
    rewrite (lsum_delta m j (fun a => V P a O * at_ tau k) Hj). ring.
  - intros a Ha. apply in_rng in Ha. unfold feature. rewrite stage_row. destruct (HP k a Hk Ha) as [P1 P2].
    change (fun b : nat => P (InW a b)) with (W P a) in P1, P2.
    destruct (Nat.eqb_spec i a) as [<-|E].
    + rewrite (proj2 (Nat.eqb_neq j i)) by congruence. rewrite relu_pos; [ring|]. specialize (P1 Hown). lra.
    + destruct (Nat.eqb_spec j a) as [<-|E']; [rewrite relu_pos by easy; ring|].
      rewrite relu_neg; [ring|]. assert (owner k <> a) as Hne by congruence. specialize (P2 Hne). lra.
Qed.
End Depth.

(** * What it costs *)

Section Cost.
Variables (X : data) (m : nat) (owner : nat -> nat) (j : nat).

(** Cauchy-Schwarz for G_j, strictly unless x_n is a multiple of x_k *)
Lemma strict_price v v' k n : (forall i, (i < seen X)%nat -> gram_on X owner j v i = input X k i) ->
  (forall i, (i < seen X)%nat -> gram_on X owner j v' i = input X n i) -> 0 < dot X v (input X k) ->
  ~ multiple (seen X) (input X k) (input X n) -> (dot X v (input X n))^2 < dot X v (input X k) * dot X v' (input X n).
Proof.
  intros Hv Hv' Hpos Hno. set (vx := dot X v (input X k)) in *. set (s := dot X v (input X n) / vx).
  set (d := fun i => v' i + - s * v i).
  set (square := fun r => if Nat.eqb (owner r) j then weight X r * (dot X d (input X r))^2 else 0).
  assert (Hd : forall y, dot X d y = dot X v' y - s * dot X v y) by (intros; unfold d; rewrite dot_combine; ring).
  assert (Hcross : dot X v' (input X k) = dot X v (input X n)).
  { rewrite <- (gram_inner X owner j v k v' Hv), <- (gram_inner X owner j v' n v Hv'). apply lsum_ext; intros r _.
    destruct (Nat.eqb _ _); ring. }
  assert (E : \sum_(r < points X) square r = dot X v' (input X n) - (dot X v (input X n))^2 / vx).
  { rewrite (lsum_ext _ square (fun r => (if Nat.eqb (owner r) j then weight X r * dot X v' (input X r) * dot X d (input X
      r) else 0) - s * (if Nat.eqb (owner r) j then weight X r * dot X v (input X r) * dot X d (input X r) else 0))).
    - rewrite lsum_minus, lsum_scal, (gram_inner X owner j v' n d Hv'), (gram_inner X owner j v k d Hv), !Hd, Hcross.
      fold vx. unfold s. field. lra.
    - intros r _. unfold square. destruct (Nat.eqb _ _); [|ring]. rewrite (Hd (input X r)). ring. }
  assert (H0 : forall r, In r (seq 0 (points X)) -> 0 <= square r).
  { intros r _. unfold square. destruct (Nat.eqb _ _); [|lra]. apply Rmult_le_pos; [apply weight_nonneg | apply
      pow2_ge_0]. }
  assert (Hsum : 0 < \sum_(r < points X) square r).
  { destruct (Rle_lt_or_eq_dec 0 _ (lsum_nonneg _ _ H0)) as [|Ez]; [easy|]. exfalso. apply Hno. exists s. intros i Hi.
    rewrite <- (Hv i Hi), <- (Hv' i Hi). unfold gram_on.
    rewrite <- lsum_scal. apply lsum_ext. intros r Hr. pose proof (lsum_term _ square r H0 Hr) as Hle.
    specialize (H0 r Hr). unfold square in *. destruct (Nat.eqb _ _); [|ring].
    assert (Hz : weight X r * (dot X d (input X r))^2 = 0) by lra.
    assert (Hw : weight X r * dot X d (input X r) = 0).
    { apply Rmult_integral in Hz. destruct Hz as [Hz|Hz]; [rewrite Hz; ring|].
      assert (dot X d (input X r) = 0) by nra. rewrite H. ring. }
    rewrite Hd in Hw. assert (weight X r * dot X v' (input X r) = s * (weight X r * dot X v (input X r))) by lra. rewrite H.
    ring. }
  rewrite E in Hsum. apply (Rmult_lt_compat_l vx) in Hsum; [|easy]. rewrite Rmult_0_r in Hsum.
  replace (vx * (dot X v' (input X n) - (dot X v (input X n))^2 / vx))
    with (vx * dot X v' (input X n) - (dot X v (input X n))^2) in Hsum by (field; lra). lra.
Qed.

(** the loss of outputs that differ on cluster j by a linear function, and at the point k of another cluster *)
Lemma moved_loss (f g : nat -> nat -> R) u v k tau a h : outputs X = 1%nat -> (k < points X)%nat -> owner k <> j ->
  least_squares X owner j u -> (forall i, (i < seen X)%nat -> gram_on X owner j v i = input X k i) ->
  (forall n, (n < points X)%nat -> owner n = j -> f n O = dot X u (input X n)) ->
  (forall n, (n < points X)%nat -> g n O = f n O + (if Nat.eqb (owner n) j then tau * (a * dot X v (input X n)) else 0)
    + (if Nat.eqb k n then h else 0)) ->
  squared X g = squared X f + tau^2 * (a^2 * dot X v (input X k))
    + weight X k * ((f k O - target X k O + h)^2 - (f k O - target X k O)^2).
Proof.
  intros Hone Hk Ho Hu Hv Hf Hg. rewrite !(squared_scalar X Hone).
  pose proof (inner_residual X owner j u v) as H1. rewrite (lsum_zero (seq 0 (seen X))) in H1
    by (intros i Hi; apply in_rng in Hi; rewrite (Hu i Hi); ring).
  pose proof (gram_inner X owner j v k v Hv) as H2.
  rewrite (lsum_ext (seq 0 (points X)) (fun n => weight X n * (g n O - target X n O)^2) (fun n =>
    ((weight X n * (f n O - target X n O)^2
    + (2 * tau * a) * (if Nat.eqb (owner n) j then weight X n * (dot X u (input X n) - target X n O) * dot X v (input X n)
      else 0))
    + (tau^2 * a^2) * (if Nat.eqb (owner n) j then weight X n * dot X v (input X n) * dot X v (input X n) else 0))
    + (if Nat.eqb k n then weight X n * ((f n O - target X n O + h)^2 - (f n O - target X n O)^2) else 0))).
  - rewrite !lsum_plus, !lsum_scal, H1, H2.
    rewrite (lsum_delta (points X) k (fun n => weight X n * ((f n O - target X n O + h)^2 - (f n O - target X n O)^2)) Hk).
    ring.
  - intros n Hn. apply in_rng in Hn. rewrite (Hg n Hn). destruct (Nat.eqb_spec (owner n) j) as [E|E].
    + rewrite (Hf n Hn E). destruct (Nat.eqb_spec k n) as [<-|_]; [easy | ring].
    + destruct (Nat.eqb k n); ring.
Qed.
End Cost.

(** "equality": the depth is exactly the least price, and a path attains it; v n k = G_n^-1 x_k *)
Theorem T10U_parallel X m owner B P (v : nat -> nat -> vector) j i k : outputs X = 1%nat -> ray B -> passes B ->
  pattern X m InW owner P -> (forall c s, U P c s = 0) ->
  (forall n, (n < m)%nat -> least_squares X owner n (shown InW (parallel_top m B) P n)) ->
  (forall n r, (n < m)%nat -> (r < points X)%nat ->
    (forall a, (a < seen X)%nat -> gram_on X owner n (v n r) a = input X r a) /\ 0 < dot X (v n r) (input X r)) ->
  let price n r := (dot X (shown InW (parallel_top m B) P n) (input X r))^2 / dot X (v n r) (input X r) in
  (j < m)%nat -> (i < m)%nat -> i <> j -> (k < points X)%nat -> owner k = i ->
  (forall n r, (n < m)%nat -> (r < points X)%nat -> price j k <= price n r) ->
  (forall r, (r < points X)%nat -> r <> k -> ~ multiple (seen X) (input X k) (input X r)) ->
  0 < price j k < weight X k * (dot X (shown InW (parallel_top m B) P i) (input X k) - target X k O)^2 ->
  depth_at_most (fun T => squared X (parallel X m B T)) P (price j k) /\
  depth_at_least (fun T => squared X (parallel X m B T)) P (price j k).
Proof.
  intros Hone HB (q0 & s0 & Hs0 & Hq0) HP HU Hls Hv price Hj Hi Hij Hk Hown Hmin Hlone [Hpos Hgain].
  split; [|apply (T10_parallel X m owner Hone B P v); [exact HB | exact HP | exact Hls |]].
  2:{ intros n r Hn Hr. destruct (Hv n r Hn Hr). split; [easy|]. split; [easy | now apply Hmin]. }
  set (F := fun T => squared X (parallel X m B T)). set (vx := dot X (v j k) (input X k)).
  destruct (Hv j k Hj Hk) as [Hvk Hvx]. fold vx in Hvx. set (b := - dot X (W P j) (input X k)).
  assert (Hplane : forall n y, (n < m)%nat -> dot X (shown InW (parallel_top m B) P n) y = V P n O * dot X (W P n) y)
    by (intros; now apply (plane_at X m B P HU)).
  destruct (HP k j Hk Hj) as [_ Hneg]. specialize (Hneg ltac:(congruence)). change (fun i => P (InW j i)) with (W P j) in
    Hneg.
  assert (Hb : 0 < b) by (unfold b; lra).
  assert (Ep : price j k = (V P j O)^2 * b^2 / vx).
  { unfold price. rewrite (Hplane j _ Hj). fold vx. unfold b. field. lra. }
  assert (HV : 0 < (V P j O)^2).
  { rewrite Ep in Hpos. destruct (Req_dec (V P j O) 0) as [E|E]; [|nra]. rewrite E in Hpos. unfold Rdiv in Hpos. lra. }
  set (D := fun a => b / vx * v j k a).
  assert (HD : forall y, dot X D y = b / vx * dot X (v j k) y)
    by (intros; unfold dot, D; rewrite <- lsum_scal; apply lsum_ext; intros; ring).
  assert (HDk : dot X D (input X k) = b) by (rewrite HD; fold vx; field; lra).
  (* no other sign of neuron j changes on the way *)
  assert (Hkeep : forall r, (r < points X)%nat -> r <> k -> (dot X D (input X r))^2 < (dot X (W P j) (input X r))^2).
  { intros r Hr Hne. destruct (Hv j r Hj Hr) as [Hvr Hvr0].
    pose proof (strict_price X owner j (v j k) (v j r) k r Hvk Hvr Hvx (Hlone r Hr Hne)) as Hcs. fold vx in Hcs.
    pose proof (Hmin j r Hj Hr) as Hm. rewrite Ep in Hm. unfold price in Hm. rewrite (Hplane j _ Hj) in Hm.
    set (vr := dot X (v j r) (input X r)) in *. set (w := dot X (W P j) (input X r)) in *. rewrite HD.
    set (x := dot X (v j k) (input X r)) in *.
    assert (Hbw : b^2 * vr <= w^2 * vx).
    { apply (Rmult_le_reg_l ((V P j O)^2 / (vx * vr))).
      - apply Rdiv_lt_0_compat; [easy | now apply Rmult_lt_0_compat].
      - replace ((V P j O)^2 / (vx * vr) * (b^2 * vr)) with ((V P j O)^2 * b^2 / vx) by (field; lra).
        replace ((V P j O)^2 / (vx * vr) * (w^2 * vx)) with ((V P j O * w)^2 / vr) by (field; lra). exact Hm. }
    apply (Rmult_lt_reg_l (vx^2)); [nra|]. replace (vx^2 * (b / vx * x)^2) with (b^2 * x^2) by (field; lra).
    apply Rlt_le_trans with (b^2 * (vx * vr)); [apply Rmult_lt_compat_l; [nra | easy]|]. nra. }
  (* how far beyond *)
  set (others := filter (fun r => negb (Nat.eqb r k)) (seq 0 (points X))).
  assert (Hothers : forall r, In r others <-> (r < points X)%nat /\ r <> k).
  { intros r. unfold others. rewrite filter_In, in_rng, Bool.negb_true_iff, Nat.eqb_neq. tauto. }
  destruct (small_step others (fun r => dot X (W P j) (input X r) + dot X D (input X r)) (fun r => dot X D (input X r)))
    as (e0 & He0 & Hsmall).
  { intros r Hr. apply Hothers in Hr. destruct Hr as [Hr Hne]. specialize (Hkeep r Hr Hne). nra. }
  set (R0 := dot X (shown InW (parallel_top m B) P i) (input X k) - target X k O) in *.
  set (gain := weight X k * R0^2) in *. set (d := price j k) in *.
  destruct (HP k i Hk Hi) as [Hwi _]. specialize (Hwi Hown). change (fun i0 => P (InW i i0)) with (W P i) in Hwi.
  set (wi := dot X (W P i) (input X k)) in *.
  set (e := Rmin e0 (Rmin (wi / b) (Rmin 1 ((gain - d) / (4 * d))))).
  assert (He : 0 < e /\ e <= e0 /\ e * b <= wi /\ (1 + e)^2 * d < gain).
  { assert (H1 : 0 < wi / b) by now apply Rdiv_lt_0_compat.
    assert (H2 : 0 < (gain - d) / (4 * d)) by (apply Rdiv_lt_0_compat; lra).
    assert (Hb1 : e <= wi / b) by (unfold e; eapply Rle_trans; [apply Rmin_r | apply Rmin_l]).
    assert (Hb2 : e <= 1) by (unfold e; eapply Rle_trans; [apply Rmin_r | eapply Rle_trans; [apply Rmin_r | apply
      Rmin_l]]).
    assert (Hb3 : e <= (gain - d) / (4 * d)) by (unfold e; eapply Rle_trans; [apply Rmin_r | eapply Rle_trans; [apply
      Rmin_r | apply Rmin_r]]).
    assert (Hpe : 0 < e) by (unfold e; repeat apply Rmin_glb_lt; lra). split; [easy|]. split; [apply Rmin_l|]. split.
    - apply (Rmult_le_compat_r b) in Hb1; [|lra]. replace (wi / b * b) with wi in Hb1 by (field; lra). exact Hb1.
    - apply (Rmult_le_compat_r (4 * d)) in Hb3; [|lra].
      replace ((gain - d) / (4 * d) * (4 * d)) with (gain - d) in Hb3 by (field; lra). nra. }
  destruct He as (He & Hee & Hewi & Hend).
  assert (HR0 : 0 < R0^2 /\ 0 < weight X k).
  { pose proof (weight_nonneg X k). assert (0 < gain) by lra. unfold gain in *. split; nra. }
  set (M := - R0 / (e * b) - V P j O).
  (* the signs at any time of the way *)
  assert (Hsigns : forall tau r, 0 <= tau <= 1 + e -> (r < points X)%nat -> r <> k ->
    (owner r = j -> 0 <= dot X (W P j) (input X r) + tau * dot X D (input X r)) /\
    (owner r <> j -> dot X (W P j) (input X r) + tau * dot X D (input X r) <= 0)).
  { intros tau r Ht Hr Hne. specialize (Hkeep r Hr Hne).
    assert (Hin : In r others) by now apply Hothers. specialize (Hsmall r Hin). cbv beta in Hsmall.
    destruct (HP r j Hr Hj) as [H1 H2]. change (fun i => P (InW j i)) with (W P j) in H1, H2.
    set (w := dot X (W P j) (input X r)) in *. set (c := dot X D (input X r)) in *. clearbody w c.
    assert (Hec : Rabs (e * c) < Rabs (w + c)).
    { eapply Rle_lt_trans; [|exact Hsmall]. rewrite !Rabs_mult, !(Rabs_right e), !(Rabs_right e0) by lra.
      apply Rmult_le_compat_r; [apply Rabs_pos | easy]. }
    split; intros E; [specialize (H1 E) | specialize (H2 E)].
    - assert (- w < c < w) by (split; nra). rewrite (Rabs_right (w + c)) in Hec by lra.
      destruct (Rle_dec 0 c) as [Hc|Hc]; [nra|]. rewrite Rabs_left in Hec by nra. nra.
    - assert (w < c < - w) by (split; nra). rewrite (Rabs_left (w + c)) in Hec by lra.
      destruct (Rle_dec 0 c) as [Hc|Hc]; [|nra]. rewrite Rabs_right in Hec by nra. nra. }
  pose (S := stage P j i q0 s0 D).
  assert (Hbase : forall n, (n < points X)%nat -> owner n = j -> base X m owner B P n = dot X (shown InW (parallel_top m B)
    P j) (input X n)).
  { intros n _ E. unfold base. rewrite E. now rewrite (proj2 (Nat.ltb_lt j m) Hj). }
  assert (Hbk : base X m owner B P k - target X k O = R0).
  { unfold base, R0. rewrite Hown. now rewrite (proj2 (Nat.ltb_lt i m) Hi). }
  (* the loss at every stage *)
  assert (Hloss : forall M' tau, 0 <= tau <= 1 + e -> F (S M' tau) = squared X (fun n _ => base X m owner B P n)
    + tau^2 * d + weight X k * ((R0 + (V P j O + M') * relu ((tau - 1) * b))^2 - R0^2)).
  { intros M' tau Ht. rewrite <- Hbk.
    assert (Ed : d = (V P j O * (b / vx))^2 * dot X (v j k) (input X k)).
    { rewrite Ep. fold vx. field. lra. }
    rewrite Ed.
    apply (moved_loss X owner j (fun n _ => base X m owner B P n) (parallel X m B (S M' tau)) (shown InW (parallel_top m B)
      P j) (v j k) k tau (V P j O * (b / vx)) ((V P j O + M') * relu ((tau - 1) * b))); auto; [congruence|].
    intros n Hn. destruct (Nat.eq_dec n k) as [->|Hne].
    - rewrite (proj2 (Nat.eqb_neq (owner k) j)), Nat.eqb_refl by congruence. rewrite Rplus_0_r.
      assert (Eat : dot X (W P j) (input X k) + tau * dot X D (input X k) = (tau - 1) * b) by (rewrite HDk; unfold b;
        ring).
      destruct (Rle_dec tau 1) as [Hle|Hgt].
      + rewrite relu_neg by nra. rewrite Rmult_0_r, Rplus_0_r. unfold S.
        rewrite (kept_output X m owner B P Hone HP HU j i k Hj Hi Hk Hij Hown q0 s0 Hs0 Hq0 D M' tau k Hk).
        * rewrite (proj2 (Nat.eqb_neq (owner k) j)) by congruence. ring.
        * congruence.
        * intros _. rewrite Eat. nra.
      + rewrite relu_pos by nra. rewrite <- Eat. unfold S.
        rewrite (seen_output X m owner B P HP HU j i k Hj Hi Hk Hij Hown q0 s0 Hs0 Hq0 D M' tau); [reflexivity | |];
          rewrite Eat; [nra|]. fold wi. nra.
    - rewrite (proj2 (Nat.eqb_neq k n)), Rplus_0_r by congruence. destruct (Hsigns tau n Ht Hn Hne) as [G1 G2].
      unfold S. rewrite (kept_output X m owner B P Hone HP HU j i k Hj Hi Hk Hij Hown q0 s0 Hs0 Hq0 D M' tau n Hn G1 G2). rewrite HD.
      destruct (Nat.eqb (owner n) j); ring. }
  assert (Hstart : F P = squared X (fun n _ => base X m owner B P n)).
  { unfold F. rewrite !(squared_scalar X Hone). apply lsum_ext. intros n Hn. apply in_rng in Hn.
    rewrite (weakly_output X m InW (parallel X m B) (parallel_top m B) (parallel_homogeneous X m B HB) owner P n); [easy | |
      easy].
    intros r a Hr Ha. destruct (HP r a Hr Ha) as [G1 G2]. split; intros E; left; auto. }
  assert (Hlow : forall M' tau, 0 <= tau <= 1 -> F (S M' tau) = F P + tau^2 * d).
  { intros M' tau Ht. rewrite Hloss, Hstart by lra. rewrite relu_neg by nra. ring. }
  apply (joined_depth F P (S M (1 + e))).
  - apply (joined_step _ P (S 0 0)).
    { intros t Ht. unfold sublevel. enough (F (lin t P (S 0 0)) = F P) by lra. unfold F. f_equal.
      apply matrix_ext; intros n c.
      assert (HU' : forall T, (forall c s, U T c s = 0) -> W T = W P -> V T = V P -> parallel X m B T = parallel X m B P).
      { intros T HT EW EV. apply matrix_ext; intros n' c'. unfold parallel, deep, skip, feature. rewrite EW, EV.
        f_equal. rewrite !lsum_zero; [easy | |]; intros s _; rewrite ?HT, ?HU; ring. }
      rewrite (HU' (lin t P (S 0 0))); [easy | | |].
      - intros c' s. unfold lin, U. change (S 0 0 (InU c' s)) with (if Nat.eqb s0 s then - 0 else 0).
        change (P (InU c' s)) with (U P c' s). rewrite HU. destruct (Nat.eqb s0 s); ring.
      - apply matrix_ext; intros a c'. unfold lin, W. change (S 0 0 (InW a c')) with (W P a c' + (if Nat.eqb j a then 0 * D
          c' else 0)). unfold W. destruct (Nat.eqb j a); ring.
      - apply matrix_ext; intros a c'. unfold lin, V. change (S 0 0 (InV a c')) with (V P a c' + (if Nat.eqb j a then 0
          else 0)). unfold V. destruct (Nat.eqb j a); ring. }
    apply (joined_step _ (S 0 0) (S M 0)).
    { intros t Ht. assert (El : lin t (S 0 0) (S M 0) = S (t * M) 0).
      { apply functional_extensionality. intros [a c|a c|a c|c s|a c s]; unfold lin, S, stage, make;
          repeat destruct (Nat.eqb _ _); ring. }
      rewrite El. unfold sublevel. rewrite Hlow by lra. nra. }
    apply joined_line. intros t Ht. assert (El : lin t (S M 0) (S M (1 + e)) = S M (t * (1 + e))).
    { apply functional_extensionality. intros [a c|a c|a c|c s|a c s]; unfold lin, S, stage, make;
        repeat destruct (Nat.eqb _ _); ring. }
    rewrite El. unfold sublevel. set (tau := t * (1 + e)). assert (Htau : 0 <= tau <= 1 + e) by (unfold tau; split; nra).
    clearbody tau. destruct (Rle_dec tau 1) as [Hle|Hgt].
    { rewrite Hlow by lra. assert (tau^2 <= 1) by nra. nra. }
    rewrite Hloss, Hstart by easy. rewrite relu_pos by nra. set (x := (tau - 1) / e).
    assert (Hx : 0 <= x <= 1).
    { unfold x. split; [apply Rmult_le_pos; [lra | left; now apply Rinv_0_lt_compat]|].
      apply (Rmult_le_reg_r e); [easy|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra. }
    replace (R0 + (V P j O + M) * ((tau - 1) * b)) with (R0 * (1 - x)) by (unfold M, x; field; lra).
    replace tau with (1 + x * e) by (unfold x; field; lra).
    replace (weight X k * ((R0 * (1 - x))^2 - R0^2)) with (gain * ((1 - x)^2 - 1)) by (unfold gain; ring).
    clearbody gain e x. assert (Hc : 2 * e + x * e^2 <= (1 + e)^2 * (2 - x)) by nra.
    assert (Hd : d * x * (2 * e + x * e^2) <= d * x * ((1 + e)^2 * (2 - x))) by (apply Rmult_le_compat_l; nra).
    assert (Hg : (1 + e)^2 * d * (x * (2 - x)) <= gain * (x * (2 - x))) by (apply Rmult_le_compat_r; nra). nra.
  - fold (F P). rewrite Hloss, Hstart by lra. replace (1 + e - 1) with e by ring. rewrite relu_pos by nra.
    replace (R0 + (V P j O + M) * (e * b)) with 0 by (unfold M; field; lra).
    replace (weight X k * (0^2 - R0^2)) with (- gain) by (unfold gain; ring). lra.
Qed.
